package io.crowfly.probes;

/** What was learned of one class of requests wherever they went. Confined to one thread. */
final class ClassKnowledge {

    /** Weight of the newest answer in the expected number of tokens. */
    private static final double TOKENS_WEIGHT = 0.02;

    final SizeEffect sizes = new SizeEffect();
    private int sizesSeen;
    private double tokens;

    void saw(long requestBytes) {
        sizesSeen |= 1 << SizeEffect.node(requestBytes);
    }

    void streamed(long count) {
        tokens = tokens == 0 ? count : tokens + TOKENS_WEIGHT * (count - tokens);
    }

    ClassOutlook outlook() {
        return new ClassOutlook(sizes.nodes(), sizesSeen, tokens);
    }
}

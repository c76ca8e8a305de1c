package io.crowfly.probes;

/** What was learned of one class of requests wherever they went. Confined to one thread. */
final class ClassKnowledge {

    /** Weight of the newest answer in the expected number of tokens. */
    private static final double TOKENS_WEIGHT = 0.02;

    private static final double TYPICAL_WEIGHT = 0.05;

    final SizeEffect sizes = new SizeEffect();

    /** Mean of the logarithm of service times at the first node, over all backends; NaN before the first. */
    private double typical = Double.NaN;

    private int sizesSeen;
    private double tokens;

    void saw(long requestBytes) {
        sizesSeen |= 1 << ClassOutlook.node(requestBytes);
    }

    void tookService(double logService) {
        typical = Double.isNaN(typical) ? logService : typical + TYPICAL_WEIGHT * (logService - typical);
    }

    double typical() {
        return typical;
    }

    void streamed(long count) {
        tokens = tokens == 0 ? count : tokens + TOKENS_WEIGHT * (count - tokens);
    }

    ClassOutlook outlook() {
        return new ClassOutlook(sizes.nodes(), sizesSeen, tokens);
    }
}

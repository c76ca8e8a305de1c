package io.crowfly.probes;

/** What was learned of one class of requests wherever they went. Confined to one thread. */
final class ClassKnowledge {

    /** Weight of the newest answer in the expected number of tokens. */
    private static final double TOKENS_WEIGHT = 0.02;

    private static final double TYPICAL_WEIGHT = 0.05;

    private static final double RECENT_SECONDS = 60;

    final SizeEffect sizes = new SizeEffect();

    /** Mean of the logarithm of service times at the first node, over all backends; NaN before the first. */
    private double typical = Double.NaN;

    private int sizesSeen;
    private double tokens;
    private int answersSince;
    private double recentAnswers;
    private long publishedAtNanos = Long.MIN_VALUE;

    void saw(long requestBytes) {
        answersSince++;
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

    /** For a publication. */
    ClassOutlook outlook(long nowNanos) {
        double seconds = publishedAtNanos == Long.MIN_VALUE ? 0 : (nowNanos - publishedAtNanos) / 1e9;
        recentAnswers = recentAnswers * StrictMath.exp(-seconds / RECENT_SECONDS) + answersSince;
        answersSince = 0;
        publishedAtNanos = nowNanos;
        return new ClassOutlook(sizes.nodes(), sizesSeen, tokens, recentAnswers);
    }
}

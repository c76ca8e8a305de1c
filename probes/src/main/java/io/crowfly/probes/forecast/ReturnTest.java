package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Test of whether a slow level has returned to the ordinary one, for a backend that gets only single requests. The test
 * keeps the probability of the return, by Bayes' rule. Confined to one thread.
 */
final class ReturnTest {

    /*
     * The jump test of LevelFilter looks for a jump of any size, so it needs more samples than the question requires
     * whether the ordinary level is back. That level is known, and slow times end. With the spread of a small model,
     * one ordinary sample 3 s after the last slow one is enough after a threefold slowdown, and two are after a twofold
     * one.
     */

    /**
     * Bounds of the assumed mean time after which a slow backend is fast again. Between them, the time is that for
     * which the backend has been slow: what has lasted long lasts long.
     */
    private static final double MIN_RETURN_SECONDS = 30;

    private static final double MAX_RETURN_SECONDS = 300;

    /**
     * Minimum gap between two samples. A backend with requests of its own share has shorter gaps, and the jump test.
     */
    private static final double MIN_GAP_SECONDS = 0.4;

    /** A level that exceeds the ordinary one by more than this (natural logarithm) counts as slow. */
    private static final double SLOW_LOG_FACTOR = 0.1;

    /** Maximum evidence of one sample: the natural logarithm of a likelihood ratio. Outliers would otherwise decide. */
    private static final double MAX_EVIDENCE = 6;

    private static final double NANOS_PER_SECOND = 1e9;

    /** Limit of a probability that another process has transferred, so that its odds are finite. */
    private static final double MAX_PROBABILITY = 0.999;

    private double probability;

    /** Time of the last sample at which the level was not slow. */
    private long ordinaryAtNanos;

    /** Returns whether the test applies: the level is slow, and the sample comes after a gap. */
    static boolean applies(double level, double ordinary, double gapSeconds) {
        return isSlow(level, ordinary) && gapSeconds >= MIN_GAP_SECONDS;
    }

    private static boolean isSlow(double level, double ordinary) {
        return level > ordinary + SLOW_LOG_FACTOR;
    }

    /**
     * Adds a sample. Begins anew if the test does not {@linkplain #applies apply}.
     *
     * @param sample the sample, without the effect of load
     * @param level the present level
     * @param ordinary the level in ordinary times
     * @param variance variance of single samples
     * @param levelVariance variance of the present level
     * @param gapSeconds time since the sample before
     * @param nowNanos time of this sample
     * @return whether a return is more likely than not
     */
    boolean add(
            double sample,
            double level,
            double ordinary,
            double variance,
            double levelVariance,
            double gapSeconds,
            long nowNanos) {
        if (!isSlow(level, ordinary)) {
            ordinaryAtNanos = nowNanos;
        }
        if (!applies(level, ordinary, gapSeconds)) {
            probability = 0;
            return false;
        }
        double slowSeconds = (nowNanos - ordinaryAtNanos) / NANOS_PER_SECOND;
        double returnSeconds = Math.max(MIN_RETURN_SECONDS, Math.min(MAX_RETURN_SECONDS, slowSeconds));
        probability += (1 - probability) * (1 - StrictMath.exp(-gapSeconds / returnSeconds));
        double slowVariance = variance + levelVariance;
        double fromSlow = sample - level;
        double fromOrdinary = Math.max(0, sample - ordinary - SLOW_LOG_FACTOR);
        double evidence = (fromSlow * fromSlow / slowVariance
                        - fromOrdinary * fromOrdinary / variance
                        + StrictMath.log(slowVariance / variance))
                / 2;
        double limit = fromSlow < 0 ? MAX_EVIDENCE : 0;
        double odds =
                probability / (1 - probability) * StrictMath.exp(Math.max(-MAX_EVIDENCE, Math.min(limit, evidence)));
        boolean hasReturned = odds > 1;
        probability = hasReturned ? 0 : odds / (1 + odds);
        return hasReturned;
    }

    /** Transfers the state to another process or from one. */
    void transfer(StateFields fields) {
        probability = Math.max(0, Math.min(MAX_PROBABILITY, fields.number("probability", probability)));
        ordinaryAtNanos = fields.moment("ordinaryAt", ordinaryAtNanos);
    }
}

package io.crowfly.probes;

import java.util.function.DoubleBinaryOperator;

/**
 * Follows the level of a noisy quantity that mostly stands, drifts a little, and now and then jumps: the logarithm of a
 * latency. Says how sure it is, and what the level was in ordinary times.
 */
final class LevelFilter {

    /*
     * A scalar Kalman filter for what is ordinary: the level takes a random walk of DRIFT, each sample is the level plus noise
     * of a variance that is learned, and the gain follows from both; so the first sample counts for nearly all, the
     * thousandth for little, and one after a long silence for more again. No time constant has to be chosen for a rate of
     * traffic, as an EWMA's must: at fifty samples a second it remembers six seconds, at one in ten seconds two minutes.
     *
     * A filter that is calm in ordinary times is slow when a backend slows down threefold. Hence Page's cumulative sum test [1]
     * beside it, for a jump of JUMP deviations either way. When it fires, the level is set to the mean of the samples since
     * the sum last stood at zero, which is the likeliest moment of the jump; or as far as all of them go, where that is
     * further: the mean is of samples that were cut, and a steady level's deviations are small. How much evidence it takes is for the owner to
     * say: few samples should fire on less, as each of them costs time.
     *
     * A sample that is not in yet is known to be more than something (it is right-censored), and counts for the mean of what
     * it may be; in the test, by the likelihood of being beyond.
     *
     * Single outliers, a cold cache or a very long thought, are cut to CUT deviations: real tails are far heavier than a
     * normal's, and a mean that follows them follows luck. A level that really has moved is no outlier for long.
     *
     * The ordinary level is remembered separately, over half an hour. A backend above it is thought to come back to it: its
     * level grows uncertain quickly, and hopedFor() says what is gained by asking.
     *
     * Everything is StrictMath: the simulator's tables must be the same on every JVM.
     *
     * [1] E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954).
     */

    /** Variance per second that the level gains by itself: a percent of drift in a second, a tenth in two minutes. */
    private static final double DRIFT = 1e-4;

    /** In deviations. Half of what a threefold slowdown is to an ordinary spread. */
    private static final double JUMP = 1.5;

    private static final double CUT = 2.5;

    /** How many samples' worth the first guess of the spread is. */
    private static final double SPREAD_PRIOR_WEIGHT = 10;
    /** The spread is a mean over about so many samples. */
    private static final double SPREAD_MEMORY = 200;

    /** A spread below would make every jitter a jump. */
    private static final double MIN_SPREAD = 0.02;

    private static final double ORDINARY_MEMORY_SECONDS = 1800;

    private static final double ORDINARY_SAMPLES = 100;

    /** A lone sample speaks for no more than this much of the past when the ordinary level is learned. */
    private static final double MAX_GAP_SECONDS = 10;

    /** Mean length of an episode of slowness, for the hope that it is over. */
    private static final double EPISODE_SECONDS = 60;

    /** What is not known better: a factor of e either way. */
    private static final double MAX_VARIANCE = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double alarm;
    private final Sum up = new Sum();
    private final Sum down = new Sum();

    private double level;
    private double variance;
    private double spreadVariance;
    private double ordinary;
    private long observedAtNanos;
    private double samples;

    /** Evidence of a jump in one direction, and the samples since there was none. */
    private static final class Sum {
        private double evidence;
        private double total;
        private int count;
        /** Of the samples as they were, uncut, the one that is nearest to the old level. */
        private double nearest;

        void add(double value, double uncut, double evidenceOfOne, DoubleBinaryOperator nearer) {
            evidence += evidenceOfOne;
            if (evidence <= 0) {
                reset();
            } else {
                total += value;
                nearest = count == 0 ? uncut : nearer.applyAsDouble(nearest, uncut);
                count++;
            }
        }

        void reset() {
            evidence = 0;
            total = 0;
            count = 0;
        }

        double mean() {
            return total / count;
        }
    }

    /**
     * @param spread first guess of the standard deviation of single samples
     * @param alarm natural logarithm of the likelihood ratio at which a jump is taken for one. At 10, four samples tell of a
     *     threefold slowdown, and chance takes some 100,000 to; at 5 it is two, and some hundreds
     */
    LevelFilter(double spread, double alarm) {
        spreadVariance = spread * spread;
        this.alarm = alarm;
    }

    boolean known() {
        return samples > 0;
    }

    double samples() {
        return samples;
    }

    double level() {
        return level;
    }

    /** Standard deviation of single samples. */
    double spread() {
        return StrictMath.sqrt(spreadVariance);
    }

    /** Standard deviation of what is believed about the level, as of now. */
    double uncertainty(long nowNanos) {
        return StrictMath.sqrt(variance(nowNanos));
    }

    /** The level in ordinary times. */
    double ordinary() {
        return ordinary;
    }

    long observedAtNanos() {
        return observedAtNanos;
    }

    /** Begins with a guess. @param deviation of what is believed of it */
    void begin(double guess, double deviation, long nowNanos) {
        level = guess;
        ordinary = guess;
        variance = deviation * deviation;
        samples = 1;
        observedAtNanos = nowNanos;
    }

    /**
     * @param value the sample, all else that bears on it taken off
     * @param elseVariance of what is believed of all else
     * @return whether the level has just jumped
     */
    boolean observe(double value, double elseVariance, long nowNanos) {
        if (!known()) {
            begin(value, spread(), nowNanos);
            return false;
        }
        double deviation = deviation(elseVariance, nowNanos);
        double deviations = clamp((value - level) / deviation);
        double up = JUMP * (deviations - JUMP / 2);
        double down = JUMP * (-deviations - JUMP / 2);
        return learn(value, deviations, deviations * deviations, up, down, elseVariance, nowNanos);
    }

    /**
     * Of a sample that is still out: it is more than this.
     *
     * @return whether the level has just jumped
     */
    boolean observeMoreThan(double value, double elseVariance, long nowNanos) {
        if (!known()) {
            begin(value, spread(), nowNanos);
            return false;
        }
        double threshold = clamp((value - level) / deviation(elseVariance, nowNanos));
        double above = Normal.above(threshold);
        double mean = Normal.meanAbove(threshold);
        double up = StrictMath.log(Normal.above(threshold - JUMP) / above);
        double down = StrictMath.log(Normal.above(threshold + JUMP) / above);
        return learn(value, clamp(mean), 1 + threshold * mean, up, down, elseVariance, nowNanos);
    }

    private double deviation(double elseVariance, long nowNanos) {
        return StrictMath.sqrt(variance(nowNanos) + elseVariance + spreadVariance);
    }

    /**
     * @param uncut the sample, or what it is more than
     * @param deviations the sample's place, or the mean of where it may be
     * @param square of that
     * @param up evidence that the level has jumped up, and {@code down} that it has jumped down
     */
    private boolean learn(
            double uncut,
            double deviations,
            double square,
            double upwards,
            double downwards,
            double elseVariance,
            long nowNanos) {
        double deviation = deviation(elseVariance, nowNanos);
        double total = deviation * deviation;
        variance = variance(nowNanos);
        double seconds = StrictMath.min(seconds(nowNanos), MAX_GAP_SECONDS);
        observedAtNanos = StrictMath.max(observedAtNanos, nowNanos);
        samples++;
        double value = level + deviations * deviation;
        learnSpread(square);
        up.add(value, uncut, upwards, Math::min);
        down.add(value, uncut, downwards, Math::max);
        double gain = variance / total;
        double followed = level + gain * (value - level);
        boolean jumped = up.evidence > alarm || down.evidence > alarm;
        if (up.evidence > alarm) {
            jump(up, Math.max(followed, Math.max(up.mean(), up.nearest)));
        } else if (jumped) {
            jump(down, Math.min(followed, Math.min(down.mean(), down.nearest)));
        } else {
            level = followed;
            variance *= 1 - gain;
        }
        double weight = 1 - StrictMath.exp(-seconds / ORDINARY_MEMORY_SECONDS);
        // At first what is ordinary is only just being found out.
        ordinary += (level - ordinary) * StrictMath.max(weight, samples < ORDINARY_SAMPLES ? 1 / samples : 0);
        return jumped;
    }

    private void jump(Sum sum, double to) {
        level = to;
        // Values in the sum were cut, so the jump may be larger still: what comes next counts for a good part.
        variance = spreadVariance / StrictMath.min(2, sum.count);
        up.reset();
        down.reset();
    }

    /** @param square of a sample's place, in variances of what was to be expected */
    private void learnSpread(double square) {
        double weight = 1 / StrictMath.min(samples + SPREAD_PRIOR_WEIGHT, SPREAD_MEMORY);
        double factor = 1 + weight * (StrictMath.min(square, CUT * CUT) - 1);
        spreadVariance = StrictMath.max(MIN_SPREAD * MIN_SPREAD, spreadVariance * factor);
    }

    private double variance(long nowNanos) {
        double above = StrictMath.max(0, level - ordinary);
        double perSecond = DRIFT + above * above / EPISODE_SECONDS;
        return StrictMath.min(MAX_VARIANCE, variance + perSecond * seconds(nowNanos));
    }

    private double seconds(long nowNanos) {
        return StrictMath.max(0, nowNanos - observedAtNanos) / NANOS_PER_SECOND;
    }

    private static double clamp(double deviations) {
        return StrictMath.max(-CUT, StrictMath.min(CUT, deviations));
    }
}

package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;
import java.util.function.DoubleSupplier;

/**
 * Filter that estimates the level of a noisy quantity, the logarithm of a latency, from samples. The level is mostly
 * constant, drifts a little, and sometimes jumps. The filter also returns the level's uncertainty and the level in
 * ordinary times. Samples depend on our requests in flight too. The filter therefore estimates that load curve together
 * with the level.
 */
final class LevelFilter {

    /*
     * Drift: a scalar Kalman filter. The level takes a random walk of DRIFT, and each sample is the level plus noise of
     * a learned variance. The gain (weight of a sample) follows from both: nearly 1 for the first sample, small for the
     * thousandth, and larger again after a long gap. An EWMA would need a time constant chosen for one rate of traffic;
     * this filter does not. At fifty samples a second its memory is six seconds; at one sample in ten seconds, two
     * minutes.
     *
     * Jumps: a filter that ignores noise in ordinary times is slow when a backend slows down threefold. Therefore
     * Page's cumulative sum test [1] runs in addition, for a jump of JUMP_DEVIATIONS in either direction. When the test
     * finds a jump, the level is set to the mean of the samples since the sum was last zero, the most likely time of
     * the jump. That mean is of cut samples, so it may be too near the old level. If even the sample nearest to the old
     * level is beyond the mean, the level is set to that sample. The caller chooses the evidence needed. With few
     * samples it should be less, because each further sample takes time.
     *
     * Gaps: requests may stop because the level was high, and the level may have fallen since, unseen. After a gap the
     * test therefore needs less evidence for a jump down, in proportion to the gap. A sample far below the level is not
     * cut. So one or two samples are enough after a long gap. Latencies have outliers above the level, not below it, so
     * the test for a jump up stays the same. If the level was slow, ReturnTest decides whether the ordinary level is
     * back.
     *
     * Requests without a response: their latency is known only to be more than a value (right-censored). Such a sample
     * counts with its conditional mean; in the test, with the likelihood of lying beyond the value.
     *
     * Single outliers, such as a cold cache or a very long reasoning phase, are cut to CUT_DEVIATIONS. Latencies have
     * far more outliers than a normal distribution, and a mean of uncut samples would follow them. After a real change
     * of level, samples soon stop being outliers.
     *
     * The ordinary level is kept separately, over half an hour. A level above the ordinary one is expected to return,
     * so its uncertainty grows quickly. Forecast.optimisticNanos() uses both for exploration.
     *
     * Load: a level is that of a single request. What of a residual changes the level and what the load curve follows
     * from the covariance of the two (JointLevel, LoadCurveFilter).
     *
     * All mathematics is StrictMath, so that the simulator's tables are the same on every JVM.
     *
     * [1] E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954).
     */

    /** Variance that the level gains per second: a drift of one percent in a second, of ten percent in two minutes. */
    private static final double DRIFT = 1e-4;

    /**
     * Size of the jump for which the test looks, in standard deviations. About half of a threefold slowdown at an
     * ordinary spread.
     */
    private static final double JUMP_DEVIATIONS = 1.5;

    /** A sample farther from the level, in standard deviations, is an outlier and is moved to this distance. */
    private static final double CUT_DEVIATIONS = 2.5;

    /** Time constant, in seconds, of the running mean that is the ordinary level. */
    private static final double ORDINARY_MEMORY_SECONDS = 1800;

    /** Up to this number of samples, the ordinary level is their plain mean, because nothing older is known. */
    private static final double ORDINARY_SAMPLES = 100;

    /**
     * Maximum time since the previous sample that counts in the ordinary level, so that one sample after a long gap has
     * little weight.
     */
    private static final double MAX_GAP_SECONDS = 10;

    /** Assumed mean length of a slow episode. Above the ordinary level, the uncertainty grows on this time scale. */
    private static final double EPISODE_SECONDS = 60;

    /** Maximum variance of the level: a standard deviation of a factor of e (2.7). */
    private static final double MAX_VARIANCE = 1;

    /** Gap between two samples for which the jump threshold is stated: fifty samples a second. */
    private static final double THRESHOLD_GAP_SECONDS = 0.02;

    /** Minimum of the threshold for a jump down after a gap: one sample 2.75 standard deviations below the level. */
    private static final double MIN_THRESHOLD = 3;

    /** A sample farther below the ordinary level, in standard deviations, shows that this level is wrong. */
    private static final double MAX_DEVIATIONS_BELOW = 2;

    /**
     * Weight of the ordinary level, in samples, after a return to it. Low, so that the next samples correct an error.
     */
    private static final double RETURNED_SAMPLES = 4;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double jumpThreshold;
    private final double longGapSeconds;
    private final LoadCurveFilter curve;
    private final JointLevel level;
    private final JointLevel ordinary;
    private final CumulativeSum up = new CumulativeSum();
    private final CumulativeSum down = new CumulativeSum();
    private final double[] hinges = new double[LoadCurve.HINGES];

    private final ReturnTest returnTest = new ReturnTest();
    private final SampleSpread spread;

    private long observedAtNanos;
    private double samples;
    /** Whether the last sample came after a long gap. */
    private boolean afterGap;

    /**
     * @param spread initial standard deviation of single samples
     * @param jumpThreshold natural logarithm of the likelihood ratio above which a jump is assumed. At 10, a threefold
     *     slowdown is found after four samples, and a false jump comes about once in 100,000 samples. At 5, after two
     *     samples, and once in some hundreds
     * @param longGapSeconds gap between two samples from which less evidence is needed for a jump down; infinite if
     *     samples come regularly, whatever the level
     * @param curve load curve that this level is learned with
     * @param usualVariance variance of single samples of such quantities; infinite if unknown
     */
    LevelFilter(
            double spread,
            double jumpThreshold,
            double longGapSeconds,
            LoadCurveFilter curve,
            DoubleSupplier usualVariance) {
        this.spread = new SampleSpread(spread, usualVariance);
        this.jumpThreshold = jumpThreshold;
        this.longGapSeconds = longGapSeconds;
        this.curve = curve;
        level = new JointLevel(curve);
        ordinary = new JointLevel(curve);
    }

    boolean known() {
        return samples > 0;
    }

    double samples() {
        return samples;
    }

    /** Returns the level of a single request. */
    double level() {
        return level.value();
    }

    /** Returns the standard deviation of single samples around the level. */
    double spread() {
        return spread.deviation();
    }

    /**
     * Returns the standard deviation of the estimated level at the given time, with this number of our requests in
     * flight.
     */
    double uncertainty(double inFlight, long nowNanos) {
        LoadCurve.setHinges(hinges, inFlight);
        return StrictMath.sqrt(ownVariance(nowNanos) + level.curveVariance(hinges));
    }

    /** Returns the level in ordinary times: its mean over half an hour. */
    double ordinaryLevel() {
        return ordinary.value();
    }

    long observedAtNanos() {
        return observedAtNanos;
    }

    /**
     * Begins with a guess of the level instead of a first sample.
     *
     * @param guess the level of a single request
     * @param inFlight number of our requests in flight at which the guess was observed; the guess is then exact only
     *     as far as the load curve is
     * @param deviation standard deviation of the guess
     */
    void begin(double guess, double inFlight, double deviation, long nowNanos) {
        LoadCurve.setHinges(hinges, inFlight);
        level.set(guess, hinges, deviation * deviation);
        ordinary.set(guess, hinges, 0);
        samples = 1;
        observedAtNanos = nowNanos;
    }

    /**
     * Learns from a sample.
     *
     * @param value the sample, corrected for all known effects but the load
     * @param inFlight our requests in flight when the request was sent, this request included
     * @return whether this sample made the level jump
     */
    boolean observe(double value, double inFlight, long nowNanos) {
        LoadCurve.setHinges(hinges, inFlight);
        double unloaded = value - curve.mean(hinges);
        if (!known()) {
            begin(unloaded, inFlight, spread(), nowNanos);
            return false;
        }
        double least = leastLevel(unloaded, nowNanos);
        if (hasReturned(unloaded, nowNanos)) {
            spread.limitToUsual();
            setToOrdinary(least - ordinary.value(), spread.variance() / RETURNED_SAMPLES);
            observedAtNanos = StrictMath.max(observedAtNanos, nowNanos);
            samples++;
            return true;
        }
        double deviations = clamp((unloaded - level.value()) / deviation(nowNanos));
        boolean isAfterGap = seconds(nowNanos) >= longGapSeconds;
        if (isAfterGap && !afterGap) {
            down.reset(); // the samples before the gap say nothing about a change in it
        }
        afterGap = isAfterGap;
        double below = isAfterGap ? deviationsBelow(unloaded) : -deviations;
        double upwards = JUMP_DEVIATIONS * (deviations - JUMP_DEVIATIONS / 2);
        double downwards = JUMP_DEVIATIONS * (below - JUMP_DEVIATIONS / 2);
        double downThreshold = isAfterGap ? downThreshold(nowNanos) : jumpThreshold;
        boolean jumped =
                learn(unloaded, deviations, deviations * deviations, upwards, downwards, downThreshold, nowNanos);
        if (level.value() < least) {
            setToOrdinary(least - ordinary.value(), level.ownVariance());
        }
        return jumped;
    }

    /**
     * Returns the least level after this sample: if the level is slow, one sample after a gap lowers it at most to the
     * ordinary one. A sample far below that shows that the ordinary level is wrong.
     */
    private double leastLevel(double unloaded, long nowNanos) {
        if (!ReturnTest.applies(level.value(), ordinary.value(), seconds(nowNanos))) {
            return Double.NEGATIVE_INFINITY;
        }
        double far = MAX_DEVIATIONS_BELOW * StrictMath.sqrt(spread.varianceAfterGap());
        return Math.min(ordinary.value(), unloaded + far);
    }

    private boolean hasReturned(double unloaded, long nowNanos) {
        return Double.isFinite(longGapSeconds)
                && returnTest.add(
                        unloaded,
                        level.value(),
                        ordinary.value(),
                        spread.varianceAfterGap(),
                        level.ownVariance() + level.curveVariance(hinges),
                        seconds(nowNanos),
                        nowNanos);
    }

    /**
     * Learns from a request that is still unanswered: its sample is at least {@code value} (right-censored).
     *
     * @param inFlight our requests in flight when the request was sent, this request included
     * @return whether this sample made the level jump
     */
    boolean observeCensored(double value, double inFlight, long nowNanos) {
        LoadCurve.setHinges(hinges, inFlight);
        double unloaded = value - curve.mean(hinges);
        if (!known()) {
            begin(unloaded, inFlight, spread(), nowNanos);
            return false;
        }
        double threshold = clamp((unloaded - level.value()) / deviation(nowNanos));
        double above = NormalDistribution.probabilityAbove(threshold);
        double mean = NormalDistribution.meanAbove(threshold);
        double up = StrictMath.log(NormalDistribution.probabilityAbove(threshold - JUMP_DEVIATIONS) / above);
        double down = StrictMath.log(NormalDistribution.probabilityAbove(threshold + JUMP_DEVIATIONS) / above);
        return learn(unloaded, clamp(mean), 1 + threshold * mean, up, down, jumpThreshold, nowNanos);
    }

    /**
     * Returns how far a sample is below the level, in standard deviations as they were before the gap. The growth of
     * the uncertainty in the gap belongs to the other hypothesis, that the level has changed.
     */
    private double deviationsBelow(double unloaded) {
        double variance = level.ownVariance() + level.curveVariance(hinges) + spread.varianceAfterGap();
        return (level.value() - unloaded) / StrictMath.sqrt(variance);
    }

    private double deviation(long nowNanos) {
        return StrictMath.sqrt(ownVariance(nowNanos) + level.curveVariance(hinges) + spread.variance());
    }

    /**
     * Updates level, curve, spread and jump tests. A censored sample is known only by its lower bound.
     *
     * @param uncut the sample, or the lower bound of a censored one, without the effect of load
     * @param deviations distance of the cut sample from the level, in standard deviations; for a censored sample, the
     *     mean of that distance
     * @param square square of that distance; for a censored sample, the mean of the square
     * @param upwards evidence of this sample for a jump up
     * @param downwards evidence of this sample for a jump down
     * @param downThreshold evidence needed for a jump down
     */
    private boolean learn(
            double uncut,
            double deviations,
            double square,
            double upwards,
            double downwards,
            double downThreshold,
            long nowNanos) {
        double deviation = deviation(nowNanos);
        double residual = deviations * deviation;
        double value = level.value() + residual;
        double followed = value - residual * spread.variance() / (deviation * deviation);
        level.setOwnVariance(ownVariance(nowNanos));
        double seconds = StrictMath.min(seconds(nowNanos), MAX_GAP_SECONDS);
        observedAtNanos = StrictMath.max(observedAtNanos, nowNanos);
        samples++;
        if (up.count() == 0) {
            spread.markBeforeJump();
        }
        up.add(value, uncut, hinges, upwards);
        down.add(afterGap ? Math.min(value, uncut) : value, uncut, hinges, downwards);
        boolean jumped = up.evidence() > jumpThreshold || down.evidence() > downThreshold;
        if (!jumped) {
            level.learn(hinges, residual, spread.variance());
        }
        spread.learn(Math.min(square, CUT_DEVIATIONS * CUT_DEVIATIONS), samples);
        if (up.evidence() > jumpThreshold) {
            spread.forgetSinceMark();
            jump(up, Math.max(followed, Math.max(up.mean(), up.least())));
        } else if (jumped) {
            spread.limitToUsual();
            jump(down, Math.min(followed, Math.min(down.mean(), down.greatest())));
        }
        double weight = 1 - StrictMath.exp(-seconds / ORDINARY_MEMORY_SECONDS);
        ordinary.follow(level, StrictMath.max(weight, samples < ORDINARY_SAMPLES ? 1 / samples : 0));
        return jumped;
    }

    /** Sets a level above the ordinary one to the ordinary one, because the last samples have another cause. */
    void returnToOrdinary() {
        if (level.value() > ordinary.value()) {
            setToOrdinary(0, StrictMath.max(level.ownVariance(), spread.variance()));
        }
    }

    private void setToOrdinary(double difference, double variance) {
        level.set(ordinary, difference, variance + difference * difference);
        up.reset();
        down.reset();
    }

    private void jump(CumulativeSum sum, double to) {
        // The new level is a mean of cut samples, so the real jump may be larger. A high variance gives the next
        // samples a large weight.
        level.set(to, sum.meanHinges(hinges), spread.variance() / StrictMath.min(2, sum.count()));
        up.reset();
        down.reset();
    }

    /**
     * Returns the evidence needed for a jump down after a gap. The longer the gap, the more likely is a change in it.
     */
    private double downThreshold(long nowNanos) {
        return StrictMath.max(MIN_THRESHOLD, jumpThreshold - StrictMath.log(seconds(nowNanos) / THRESHOLD_GAP_SECONDS));
    }

    private double ownVariance(long nowNanos) {
        double above = StrictMath.max(0, level.value() - ordinary.value());
        double perSecond = DRIFT + above * above / EPISODE_SECONDS;
        return StrictMath.min(MAX_VARIANCE, level.ownVariance() + perSecond * seconds(nowNanos));
    }

    private double seconds(long nowNanos) {
        return StrictMath.max(0, nowNanos - observedAtNanos) / NANOS_PER_SECOND;
    }

    private static double clamp(double deviations) {
        return StrictMath.max(-CUT_DEVIATIONS, StrictMath.min(CUT_DEVIATIONS, deviations));
    }

    /**
     * Transfers the state to another process or from one, except the evidence of the jump test: the next samples give
     * it anew.
     */
    void transfer(StateFields fields) {
        samples = Math.max(0, fields.number("samples", samples));
        if (!known()) {
            return;
        }
        observedAtNanos = fields.moment("observedAt", observedAtNanos);
        level.transfer(fields.part("level"));
        ordinary.transfer(fields.part("ordinary"));
        spread.transfer(fields.part("spread"));
        returnTest.transfer(fields.part("return"));
    }
}

package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;
import java.util.function.DoubleSupplier;

/** Estimate of the spread of single samples around their level. Confined to one thread. */
final class SampleSpread {

    /** Weight of the initial spread, in samples. */
    private static final double PRIOR_WEIGHT = 10;

    /** Number of samples after which the weight of a new sample no longer decreases. */
    private static final double MEMORY = 200;

    /** Minimum of the spread. With a smaller spread, ordinary jitter would count as jumps. */
    private static final double MIN_SPREAD = 0.02;

    private final DoubleSupplier usualVariance;
    private double variance;
    private double varianceBeforeJump;

    /**
     * @param initial the first value, a standard deviation
     * @param usualVariance variance of single samples of such quantities; infinite if unknown
     */
    SampleSpread(double initial, DoubleSupplier usualVariance) {
        this.usualVariance = usualVariance;
        variance = initial * initial;
        varianceBeforeJump = variance;
    }

    double variance() {
        return variance;
    }

    double deviation() {
        return StrictMath.sqrt(variance);
    }

    /**
     * Returns the variance of a sample that comes after a gap, at most the usual one. Where samples are few, the own
     * spread may be that of a time at which the level was wrong.
     */
    double varianceAfterGap() {
        return StrictMath.min(variance, usualVariance.getAsDouble());
    }

    /**
     * Updates the spread.
     *
     * @param square squared distance of a sample from the level, divided by its expected variance, with outliers cut
     * @param samples number of samples so far
     */
    void learn(double square, double samples) {
        double weight = 1 / StrictMath.min(samples + PRIOR_WEIGHT, MEMORY);
        variance = StrictMath.max(MIN_SPREAD * MIN_SPREAD, variance * (1 + weight * (square - 1)));
    }

    /** Marks the time before the first sample that may belong to a higher level. */
    void markBeforeJump() {
        varianceBeforeJump = variance;
    }

    /** Forgets the samples since the mark, because they belong to another level. */
    void forgetSinceMark() {
        variance = StrictMath.min(variance, varianceBeforeJump);
    }

    /** Limits the spread to the usual one, because the level was wrong. */
    void limitToUsual() {
        variance = varianceAfterGap();
    }

    /** Transfers the state to another process or from one. */
    void transfer(StateFields fields) {
        variance = StrictMath.max(MIN_SPREAD * MIN_SPREAD, fields.number("variance", variance));
        varianceBeforeJump =
                StrictMath.max(MIN_SPREAD * MIN_SPREAD, fields.number("varianceBeforeJump", varianceBeforeJump));
    }
}

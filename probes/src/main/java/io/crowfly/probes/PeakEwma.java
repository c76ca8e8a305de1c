package io.crowfly.probes;

import java.time.Duration;

/**
 * The estimate of one latency, in nanoseconds, that believes bad news at once and good news by and by.
 *
 * <p>A sample above the estimate replaces it. A lower one pulls it down by what an exponentially weighted moving average
 * over an uneven time series gives it: after {@code dt} without news, {@code exp(-dt / timeConstant)} of the gap stays.
 * Weighing by time, not by count, keeps a lost or late probe from stretching the memory, and lets the first sample after
 * a long outage count for nearly all.
 *
 * <p>The idea is Finagle's {@code PeakEwma} (linkerd2-proxy's {@code ewma} crate has it too); the average is the one of
 * Eckner, "Algorithms for Unevenly Spaced Time Series: Moving Averages and Other Rolling Operators". Unlike theirs, the
 * estimate does not sink by itself while nobody observes. They need that to come back to a server that got no requests;
 * here probes reach every backend all the time, and one that stops answering is a matter of health.
 *
 * <p>An immutable value. The time is an argument everywhere, so that simulators and tests own the clock.
 *
 * @param nanos the estimate; {@link ProbeTimes#ABSENT} before the first sample
 * @param observedAtNanos when the last sample came, on the {@link Timeline}; meaningless before the first
 */
record PeakEwma(long nanos, long observedAtNanos) {

    static final PeakEwma NONE = new PeakEwma(ProbeTimes.ABSENT, 0);

    /**
     * @param sampleNanos not negative
     * @param nowNanos no earlier than the last observation's
     * @param timeConstant positive; may change from one observation to the next, as a reload may change it
     */
    PeakEwma after(long sampleNanos, long nowNanos, Duration timeConstant) {
        if (sampleNanos >= nanos) { // ABSENT is below every sample
            return new PeakEwma(sampleNanos, nowNanos);
        }
        double stays = Math.exp(-(double) (nowNanos - observedAtNanos) / timeConstant.toNanos());
        // Cut, not rounded: the last few nanoseconds of a gap go too.
        return new PeakEwma(sampleNanos + (long) (stays * (nanos - sampleNanos)), nowNanos);
    }
}

package io.crowfly.probes;

import java.time.Duration;

/**
 * The estimates of one backend's latency, each part of a probe by itself: a slow handshake and a slow answer have
 * different causes, and a probe over a reused connection tells nothing of the former. A part that a probe did not have is
 * no observation, and its estimate stays.
 *
 * <p>Estimates from different kinds of probe are not comparable: the first byte of a health page and the first token of a
 * completion are different things. Backends that compete for the same requests should be probed in the same way.
 *
 * <p>An immutable value.
 */
record LatencyEstimate(PeakEwma connect, PeakEwma tls, PeakEwma firstByte) {

    static final LatencyEstimate NONE = new LatencyEstimate(PeakEwma.NONE, PeakEwma.NONE, PeakEwma.NONE);

    /**
     * How many probe intervals make the time constant of {@link PeakEwma}. With 3, an improvement closes nearly half of the
     * gap in two probes and nine tenths in seven. A single sample ten times too slow, against a rival half again as slow as the
     * backend normally is, costs it its rank for nine probes (the excess of 9 must sink below 0.5, and ln 18 is 2.9).
     * Finagle's 10 s would make that half a minute at a probe a second; with 1, random noise alone would reorder near equals.
     * Counting in intervals keeps the figures true for probes a minute apart.
     */
    private static final int TIME_CONSTANT_INTERVALS = 3;

    LatencyEstimate after(ProbeTimes times, long nowNanos, Duration probeInterval) {
        Duration timeConstant = probeInterval.multipliedBy(TIME_CONSTANT_INTERVALS);
        return new LatencyEstimate(
                after(connect, times.connectNanos(), nowNanos, timeConstant),
                after(tls, times.tlsNanos(), nowNanos, timeConstant),
                after(firstByte, times.firstByteNanos(), nowNanos, timeConstant));
    }

    private static PeakEwma after(PeakEwma estimate, long sampleNanos, long nowNanos, Duration timeConstant) {
        return sampleNanos == ProbeTimes.ABSENT ? estimate : estimate.after(sampleNanos, nowNanos, timeConstant);
    }

    ProbeTimes times() {
        return new ProbeTimes(connect.nanos(), tls.nanos(), firstByte.nanos());
    }

    /**
     * The figure by which backends are ranked: the first byte where probes have one, as requests mostly find a connection
     * open; otherwise what opening one takes, handshake included. {@link ProbeTimes#ABSENT} before the first sample.
     */
    long nanos() {
        if (firstByte.nanos() != ProbeTimes.ABSENT) {
            return firstByte.nanos();
        }
        return tls.nanos() != ProbeTimes.ABSENT ? connect.nanos() + tls.nanos() : connect.nanos();
    }
}

package io.crowfly.probes;

/**
 * The parts of one probe's latency, in nanoseconds. A part that the probe did not have is {@link #ABSENT}: over a reused
 * connection there is neither a connect nor a handshake.
 *
 * @param firstByteNanos from the request's last byte to the answer's first one, or to the first token of an inference probe
 */
public record ProbeTimes(long connectNanos, long tlsNanos, long firstByteNanos) {

    public static final long ABSENT = -1;

    /** Of no probe at all. */
    public static final ProbeTimes NONE = new ProbeTimes(ABSENT, ABSENT, ABSENT);

    /** All parts together. */
    long totalNanos() {
        return Math.max(0, connectNanos) + Math.max(0, tlsNanos) + Math.max(0, firstByteNanos);
    }
}

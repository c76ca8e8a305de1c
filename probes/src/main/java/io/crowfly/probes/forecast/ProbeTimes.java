package io.crowfly.probes.forecast;

/**
 * Parts of one probe's latency, in nanoseconds. A part that the probe did not have is {@link #ABSENT}: a reused
 * connection has neither a connect nor a handshake.
 *
 * @param firstByteNanos from the request's last byte to the response's first byte, or to the first token of an
 *     inference probe
 */
public record ProbeTimes(long connectNanos, long tlsNanos, long firstByteNanos) {

    public static final long ABSENT = -1;

    /** No probe has passed yet. */
    public static final ProbeTimes NONE = new ProbeTimes(ABSENT, ABSENT, ABSENT);

    /** Returns the sum of the parts. */
    public long totalNanos() {
        return Math.max(0, connectNanos) + Math.max(0, tlsNanos) + Math.max(0, firstByteNanos);
    }
}

package io.crowfly.probes.forecast;

/**
 * Times of the parts of one probe, in nanoseconds. A part that the probe did not have is {@link #ABSENT}: over a reused
 * connection there is neither a connect nor a handshake.
 *
 * @param connectNanos time to open the TCP connection
 * @param tlsNanos time of the TLS handshake
 * @param firstByteNanos from the request's last byte to the response's first byte, or to the first token of an
 *     inference probe
 */
public record ProbeTimes(long connectNanos, long tlsNanos, long firstByteNanos) {

    public static final long ABSENT = -1;

    /** Times before the first passed probe: every part is absent. */
    public static final ProbeTimes NONE = new ProbeTimes(ABSENT, ABSENT, ABSENT);

    /** Returns the sum of the parts that the probe had. */
    public long totalNanos() {
        return Math.max(0, connectNanos) + Math.max(0, tlsNanos) + Math.max(0, firstByteNanos);
    }
}

package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Estimate of one backend's latency from probes, separately for connect, TLS handshake and first byte. The parts are
 * separate because a slow handshake and a slow response have different causes, and a probe over a reused connection
 * measures no handshake. A part that a probe did not have leaves its estimate unchanged. Confined to one thread.
 */
public final class ProbeLatency {

    /** Initial value of the spread (standard deviation of the logarithm): round trips vary by about a tenth. */
    private static final double SPREAD = 0.1;

    /**
     * Evidence needed for a jump of the level. Low, so that two probes that agree are enough: probes are few, and round
     * trips have little noise.
     */
    private static final double ALARM = 4.5;

    /** Number of probes of which a much faster one replaces the others: connections and code are cold at first. */
    private static final int FIRST_PROBES = 3;

    /** Difference (natural logarithm) from which a probe is much faster: 2.5 times the spread. */
    private static final double MUCH_FASTER = 0.25;

    private final LevelFilter connect = filter();
    private final LevelFilter tls = filter();
    private final LevelFilter firstByte = filter();

    /** Returns a filter with a load curve of its own, which stays flat because probes are sent one at a time. */
    private static LevelFilter filter() {
        return new LevelFilter(
                SPREAD, ALARM, Double.POSITIVE_INFINITY, new LoadCurveFilter(), () -> Double.POSITIVE_INFINITY);
    }

    public void observe(ProbeTimes times, long nowNanos) {
        observe(connect, times.connectNanos(), nowNanos);
        observe(tls, times.tlsNanos(), nowNanos);
        observe(firstByte, times.firstByteNanos(), nowNanos);
    }

    private static void observe(LevelFilter filter, long nanos, long nowNanos) {
        if (nanos == ProbeTimes.ABSENT) {
            return;
        }
        double value = StrictMath.log(StrictMath.max(1, nanos));
        if (filter.known() && filter.samples() < FIRST_PROBES && value < filter.level() - MUCH_FASTER) {
            filter.begin(value, 1, SPREAD, nowNanos);
        } else {
            filter.observe(value, 1, nowNanos);
        }
    }

    public ProbeTimes times() {
        return new ProbeTimes(nanos(connect), nanos(tls), nanos(firstByte));
    }

    private static long nanos(LevelFilter filter) {
        return filter.known() ? (long) StrictMath.exp(filter.level()) : ProbeTimes.ABSENT;
    }

    /** Transfers the state to another process or from one. */
    public void transfer(StateFields fields) {
        connect.transfer(fields.part("connect"));
        tls.transfer(fields.part("tls"));
        firstByte.transfer(fields.part("firstByte"));
    }
}

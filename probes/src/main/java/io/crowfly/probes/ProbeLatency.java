package io.crowfly.probes;

/**
 * What probes say of one backend's latency, each part by itself: a slow handshake and a slow answer have different causes,
 * and a probe over a reused connection tells nothing of the former. A part that a probe did not have is no observation, and
 * its estimate stays. Confined to one thread.
 */
final class ProbeLatency {

    /** First guess: round trips are steady, within a tenth. */
    private static final double SPREAD = 0.1;

    /** Of a jump: two probes that agree. They are few, and a round trip's noise is small. */
    private static final double ALARM = 4.5;

    private final LevelFilter connect = new LevelFilter(SPREAD, ALARM);
    private final LevelFilter tls = new LevelFilter(SPREAD, ALARM);
    private final LevelFilter firstByte = new LevelFilter(SPREAD, ALARM);

    void observe(ProbeTimes times, long nowNanos) {
        observe(connect, times.connectNanos(), nowNanos);
        observe(tls, times.tlsNanos(), nowNanos);
        observe(firstByte, times.firstByteNanos(), nowNanos);
    }

    private static void observe(LevelFilter filter, long nanos, long nowNanos) {
        if (nanos != ProbeTimes.ABSENT) {
            filter.observe(StrictMath.log(StrictMath.max(1, nanos)), 0, nowNanos);
        }
    }

    ProbeTimes times() {
        return new ProbeTimes(nanos(connect), nanos(tls), nanos(firstByte));
    }

    private static long nanos(LevelFilter filter) {
        return filter.known() ? (long) StrictMath.exp(filter.level()) : ProbeTimes.ABSENT;
    }
}

package io.crowfly.probes.forecast;

/**
 * Load curve of one backend: how latency grows with our requests in flight there. The curve is flat up to a knee. Above
 * the knee, requests are expected to queue, and service time grows in proportion to their number.
 *
 * <p>A burst therefore spreads at once, before its slow responses arrive. Slow changes of load are left to the levels,
 * because responses report them in time. Confined to one thread.
 */
public final class LoadCurve {

    /**
     * Smallest knee, and the knee before anything is learned. A backend with less capacity is of no use behind a
     * balancer.
     */
    public static final double MIN_KNEE = 4;

    /** Knee over the usual number in flight: random arrivals alone exceed the mean by nearly half. */
    private static final double HEADROOM = 1.5;

    /** Time constant of the usual number in flight: longer than a burst, about as long as the responses take. */
    private static final double MEMORY_SECONDS = 5;

    /** Time constant by which the knee shrinks; long, because a backend without requests keeps its capacity. */
    private static final double MAX_FADE_SECONDS = 600;

    /** Latencies count only when the number in flight was at least this share of the knee. */
    private static final double NEARLY = 0.8;

    /**
     * Relative step of the knee for each response near it. The knee grows if the response is at most about a fifth
     * slower than ordinary, and shrinks if it takes about twice as long. Where responses take half as long again as
     * ordinary, about as many fall on either side, so the knee stays.
     */
    private static final double STEP = 0.02;

    private static final double FAST_LOG_FACTOR = 0.2;
    private static final double SLOW_LOG_FACTOR = 0.7;

    private double usualInFlight;
    private double maxInFlight;
    private long atNanos = Long.MIN_VALUE;

    /**
     * Records a sent request.
     *
     * @param inFlight our requests in flight at that time, itself included
     */
    void recordSent(long inFlight, long nowNanos) {
        double seconds = atNanos == Long.MIN_VALUE ? 0 : Math.max(0, nowNanos - atNanos) / 1e9;
        usualInFlight += (inFlight - usualInFlight) * (1 - StrictMath.exp(-seconds / MEMORY_SECONDS));
        maxInFlight = Math.max(usualInFlight, maxInFlight * StrictMath.exp(-seconds / MAX_FADE_SECONDS));
        atNanos = nowNanos;
    }

    /**
     * Moves the knee by the latency of one request. Needed because routing avoids a backend above its knee: only
     * responses near the knee can show that the backend has more capacity.
     *
     * @param logFactor natural logarithm of the latency over the ordinary one
     */
    void recordLatency(long inFlight, double logFactor) {
        if (inFlight < NEARLY * kneeInFlight()) {
            return;
        }
        if (logFactor < FAST_LOG_FACTOR) {
            maxInFlight = Math.max(maxInFlight, MIN_KNEE / HEADROOM) * (1 + STEP);
        } else if (logFactor > SLOW_LOG_FACTOR) {
            maxInFlight *= 1 - STEP;
        }
    }

    /** Returns the number of our requests in flight above which they are expected to queue. */
    public double kneeInFlight() {
        return Math.max(MIN_KNEE, HEADROOM * maxInFlight);
    }
}

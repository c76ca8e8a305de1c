package io.crowfly.probes.forecast;

/**
 * Load curve of one backend: how latency grows with our requests in flight there. The curve is flat up to a knee, a
 * number of requests in flight. Above the knee, requests are expected to queue, and service time grows in proportion to
 * their number.
 *
 * <p>Routing therefore spreads a burst at once, before its slow responses arrive. The curve does not follow slow
 * changes of load: the levels of the estimators follow those in time. Confined to one thread.
 */
public final class LoadCurve {

    /**
     * Minimum of the knee, and the knee before anything is learned. A backend with less capacity is of no use behind a
     * balancer.
     */
    public static final double MIN_KNEE = 4;

    /**
     * Factor from the usual number in flight to the knee. With random arrivals alone, the number in flight often
     * exceeds its mean by nearly half.
     */
    private static final double HEADROOM = 1.5;

    /**
     * Time constant, in seconds, of the mean number in flight: longer than a burst, about as long as the responses
     * take.
     */
    private static final double MEMORY_SECONDS = 5;

    /**
     * Time constant, in seconds, with which the knee shrinks when fewer requests are sent. Long, because a backend
     * without requests keeps its capacity.
     */
    private static final double MAX_FADE_SECONDS = 600;

    /** A latency changes the knee only if the number in flight was at least this share of the knee. */
    private static final double NEARLY = 0.8;

    /**
     * Relative step of the knee for each response near it. The knee grows if the response is at most about a fifth
     * slower than ordinary, and shrinks if the response takes at least twice as long. If responses take about 1.5 times
     * as long, as many are above as below these limits, so the knee stays.
     */
    private static final double STEP = 0.02;

    private static final double FAST_LOG_FACTOR = 0.2;
    private static final double SLOW_LOG_FACTOR = 0.7;

    private double usualInFlight;
    private double maxInFlight;
    private long atNanos = Long.MIN_VALUE;

    /**
     * Records that a request was sent.
     *
     * @param inFlight our requests in flight at that time, this request included
     */
    void recordSent(long inFlight, long nowNanos) {
        double seconds = atNanos == Long.MIN_VALUE ? 0 : Math.max(0, nowNanos - atNanos) / 1e9;
        usualInFlight += (inFlight - usualInFlight) * (1 - StrictMath.exp(-seconds / MEMORY_SECONDS));
        maxInFlight = Math.max(usualInFlight, maxInFlight * StrictMath.exp(-seconds / MAX_FADE_SECONDS));
        atNanos = nowNanos;
    }

    /**
     * Moves the knee by the latency of one request. Routing keeps the load of a backend below its knee, so only
     * responses near the knee can prove that the backend has more capacity.
     *
     * @param inFlight our requests in flight when the request was sent
     * @param logFactor natural logarithm of the latency divided by the ordinary latency
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

    /** Returns the knee: our number of requests in flight above which further requests are expected to queue. */
    public double kneeInFlight() {
        return Math.max(MIN_KNEE, HEADROOM * maxInFlight);
    }
}

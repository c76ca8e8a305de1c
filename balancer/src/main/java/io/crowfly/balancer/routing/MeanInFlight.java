package io.crowfly.balancer.routing;

/**
 * Mean numbers of our requests in flight over the last seconds, for which shares are planned. Confined to one thread.
 */
final class MeanInFlight {

    /**
     * Time constant of the mean, in seconds: longer than random variation of arrivals, shorter than the time in which
     * shares move.
     */
    private static final double MEMORY_SECONDS = 2;

    private static final double NANOS_PER_SECOND = 1e9;

    private final InFlightCounts counts;
    private final double[] means;
    private long atNanos = Long.MIN_VALUE;

    MeanInFlight(InFlightCounts counts, int backends) {
        this.counts = counts;
        means = new double[backends];
    }

    /** Includes the present numbers in the means. */
    void update(long nowNanos) {
        double seconds = atNanos == Long.MIN_VALUE ? 0 : Math.max(0, nowNanos - atNanos) / NANOS_PER_SECOND;
        double weight = atNanos == Long.MIN_VALUE ? 1 : 1 - StrictMath.exp(-seconds / MEMORY_SECONDS);
        for (int index = 0; index < means.length; index++) {
            means[index] += weight * (counts.inFlight(index) - means[index]);
        }
        atNanos = nowNanos;
    }

    /**
     * Returns the mean number of our requests in flight at a backend.
     *
     * @param index the backend's place in the conf
     */
    double at(int index) {
        return means[index];
    }
}

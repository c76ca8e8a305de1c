package io.crowfly.balancer.routing;

import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.forecast.LoadCurve;

/**
 * Mean numbers of our requests in flight over the last seconds, for which shares are planned. Confined to one thread.
 */
final class MeanInFlight {

    /**
     * Time constant of the mean, in seconds: longer than random variation of arrivals, shorter than the time in which
     * shares move.
     */
    private static final double MEMORY_SECONDS = 2;

    /** Relative change of a backend's latency by its load from which the load counts as changed. */
    private static final double CHANGE = 0.01;

    /** Time after which plans use the present means although they have hardly changed. */
    private static final double SETTLE_SECONDS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final InFlightCounts counts;
    private final double[] means;
    private final double[] planned;
    private long atNanos = Long.MIN_VALUE;
    private long settledAtNanos = Long.MIN_VALUE;
    private long version;

    MeanInFlight(InFlightCounts counts, int backends) {
        this.counts = counts;
        means = new double[backends];
        planned = new double[backends];
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
     * Makes the present means the ones for which shares are planned, where the difference matters.
     *
     * @param backends for the load curves
     */
    void settle(RankedBackends backends) {
        boolean all = settledAtNanos == Long.MIN_VALUE || atNanos - settledAtNanos >= SETTLE_SECONDS * NANOS_PER_SECOND;
        settledAtNanos = all ? atNanos : settledAtNanos;
        boolean changed = false;
        for (int index = 0; index < means.length; index++) {
            BackendSnapshot snapshot = backends.at(index);
            if (means[index] != planned[index] && (all || snapshot != null)) {
                boolean matters = snapshot != null
                        && isChange(snapshot.defaultForecast().loadCurve(), planned[index], means[index]);
                changed |= matters;
                planned[index] = all || matters ? means[index] : planned[index];
            }
        }
        version += changed ? 1 : 0;
    }

    private static boolean isChange(LoadCurve curve, double from, double to) {
        double before = curve.factor(from + 1);
        return Math.abs(curve.factor(to + 1) - before) > CHANGE * before;
    }

    /** Returns a number that changes when the means for which shares are planned have changed by enough to matter. */
    long version() {
        return version;
    }

    /**
     * Returns the mean number of our requests in flight at a backend for which shares are planned.
     *
     * @param index the backend's place in the conf
     */
    double at(int index) {
        return planned[index];
    }
}

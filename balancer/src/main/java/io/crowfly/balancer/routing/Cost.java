package io.crowfly.balancer.routing;

import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.LoadCurve;

/**
 * Expected cost of a request at one backend, in nanoseconds, as a function of our requests in flight there; routing
 * compares backends by it. The cost is the time to the first token or to completion, whichever the conf's objective
 * names, increased by the share of failures. An immutable value.
 *
 * @param singleNanos cost of a single request
 * @param fixedNanos part of that cost which does not depend on the requests in flight
 * @param loadCurve growth of the other part with the requests in flight
 * @param plannedInFlight number in flight for which the shares were planned, a mean over some seconds
 * @param plannedNanos cost with that number in flight
 * @param uncertainty standard deviation of the estimated cost, as a share of the cost
 */
public record Cost(
        double singleNanos,
        double fixedNanos,
        LoadCurve loadCurve,
        double plannedInFlight,
        double plannedNanos,
        double uncertainty) {

    /** Maximum of the failure share in a cost, so that every cost is finite. */
    private static final double MAX_FAILURE_SHARE = 0.9;

    static Cost of(
            double singleNanos, double fixedNanos, LoadCurve loadCurve, double plannedInFlight, double uncertainty) {
        double plannedNanos = nanosAt(singleNanos, fixedNanos, loadCurve.factor(plannedInFlight));
        return new Cost(singleNanos, fixedNanos, loadCurve, plannedInFlight, plannedNanos, uncertainty);
    }

    /** Returns the cost with this number of our requests in flight, the new request included. */
    public double nanosAt(long inFlight) {
        return nanosAt(singleNanos, fixedNanos, loadCurve.factor(inFlight));
    }

    /**
     * Returns the factor by which failures of the model raise the cost. The success share is squared, because a failure
     * costs its own time and then that of another, slower backend.
     */
    static double failureFactor(ModelHealth model) {
        double successShare = 1 - Math.min(model.failureShare(), MAX_FAILURE_SHARE);
        return 1 / (successShare * successShare);
    }

    private static double nanosAt(double singleNanos, double fixedNanos, double factor) {
        double nanos = fixedNanos + (singleNanos - fixedNanos) * factor;
        return nanos < 1 ? 1 : nanos; // faster than Math.max; NaN stays NaN, which is never the least cost
    }
}

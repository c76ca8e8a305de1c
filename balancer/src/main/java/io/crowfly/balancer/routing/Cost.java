package io.crowfly.balancer.routing;

/**
 * Expected cost of a request at one backend, in nanoseconds, as a function of our requests in flight there; routing
 * compares backends by it. The cost is the time to the first token or to completion, whichever the conf's objective
 * names, increased by the share of failures.
 *
 * @param ordinaryNanos cost in ordinary times
 * @param currentNanos cost as learned lately, with {@code usualInFlight} requests in flight
 * @param fixedNanos the part of both that does not depend on the requests in flight
 * @param usualInFlight our mean number of requests in flight while the current cost was learned
 * @param kneeInFlight number of our requests in flight above which further requests queue
 */
public record Cost(
        double ordinaryNanos, double currentNanos, double fixedNanos, double usualInFlight, double kneeInFlight) {

    /**
     * Returns the cost with this number of our requests in flight, the new request included. If fewer are in flight
     * than when the current cost was learned, the difference to the ordinary cost is reduced, because our requests are
     * assumed to have caused it. If the assumption is wrong, the first responses correct the forecast.
     */
    public double nanosAt(long inFlight) {
        double nanos = currentNanos;
        if (nanos > ordinaryNanos && inFlight < usualInFlight) {
            nanos = ordinaryNanos + (nanos - ordinaryNanos) * inFlight / usualInFlight;
        }
        return inFlight <= kneeInFlight ? nanos : fixedNanos + (nanos - fixedNanos) * inFlight / kneeInFlight;
    }
}

package io.crowfly.balancer.routing;

/**
 * What a request is expected to take at one backend, in nanoseconds, by our own requests in flight there: the time to what
 * the conf's objective names, failures reckoned in.
 *
 * @param ordinaryNanos in ordinary times
 * @param currentNanos as found lately, with {@code usualLoad} in flight
 * @param fixedNanos of both, what does not depend on how full the backend is
 * @param kneeInFlight beyond so many in flight they queue
 */
public record Cost(
        double ordinaryNanos, double currentNanos, double fixedNanos, double usualInFlight, double kneeInFlight) {

    /**
     * With so many in flight, the request in question included. What is above the ordinary is taken for the doing of our own
     * requests as far as there are fewer now than when it was found; if it isn't, the first answers will say so.
     */
    public double nanosAt(long inFlight) {
        double nanos = currentNanos;
        if (nanos > ordinaryNanos && inFlight < usualInFlight) {
            nanos = ordinaryNanos + (nanos - ordinaryNanos) * inFlight / usualInFlight;
        }
        return inFlight <= kneeInFlight ? nanos : fixedNanos + (nanos - fixedNanos) * inFlight / kneeInFlight;
    }
}

package io.crowfly.balancer.routing;

/** Present counts of our requests in flight. */
public interface InFlightCounts {

    /**
     * Returns the count at a backend, over all loops.
     *
     * @param index the backend's place in the conf
     */
    long inFlight(int index);
}

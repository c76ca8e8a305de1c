package io.crowfly.balancer.routing;

/** Present numbers of our requests in flight at each backend. */
public interface InFlightCounts {

    /**
     * Returns the number of requests in flight at a backend, over all event loops.
     *
     * @param index the backend's place in the conf
     */
    long inFlight(int index);
}

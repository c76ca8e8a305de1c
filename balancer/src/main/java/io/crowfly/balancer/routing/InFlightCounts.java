package io.crowfly.balancer.routing;

/** Our own requests under way, as they are at the moment. */
public interface InFlightCounts {

    /** At the backend, over all loops. @param index the backend's place in the conf */
    long inFlight(int index);
}

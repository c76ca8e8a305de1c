package io.crowfly.balancer.routing;

/** What decides between equals, as it is at the moment: asked on the hot path, on the loop, so it allocates nothing. */
public interface BackendLoad extends InFlightCounts {

    /** Whether a connection to it is open and idle, so that none of its time goes into opening one. */
    boolean hasIdleConnection(int index);
}

package io.crowfly.balancer.routing;

/**
 * Present load of the backends, which decides between equal ones. Read on the loop, on the hot path; must not allocate.
 */
public interface BackendLoad extends InFlightCounts {

    /** Returns whether an idle connection is open, so that a request need not wait for a new one. */
    boolean hasIdleConnection(int index);
}

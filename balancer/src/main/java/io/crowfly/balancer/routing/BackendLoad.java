package io.crowfly.balancer.routing;

/**
 * Present load of the backends (requests in flight, idle connections), by which a chooser decides between equal
 * candidates. Read on the event loop for each request; must not allocate.
 */
public interface BackendLoad extends InFlightCounts {

    /**
     * Returns whether the backend has an idle connection, so that a request need not wait for a new one.
     *
     * @param index the backend's place in the conf
     */
    boolean hasIdleConnection(int index);
}

package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.SimulatedRateLimit;

/** Count of the requests of one simulated server in the current window of its rate limit. */
final class RequestWindow {

    private final SimulatedRateLimit limit;
    private long window = -1;
    private int requests;

    RequestWindow(SimulatedRateLimit limit) {
        this.limit = limit;
    }

    /** Counts a request. Returns whether the limit allows it. */
    boolean count(long nowNanos) {
        long now = nowNanos / limit.windowNanos();
        if (now != window) {
            window = now;
            requests = 0;
        }
        return ++requests <= limit.requests();
    }

    /** Returns whether the next request is allowed. */
    boolean hasLeft(long nowNanos) {
        return nowNanos / limit.windowNanos() != window || requests < limit.requests();
    }

    /** Returns the share of the quota that remained after the last request, from 0 to 1. */
    double left() {
        return Math.max(0, 1 - (double) requests / limit.requests());
    }

    /** Returns the virtual time at which the current window ends. */
    long resetNanos(long nowNanos) {
        return (nowNanos / limit.windowNanos() + 1) * limit.windowNanos();
    }
}

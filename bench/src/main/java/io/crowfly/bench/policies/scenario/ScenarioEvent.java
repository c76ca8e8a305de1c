package io.crowfly.bench.policies.scenario;

import java.util.OptionalInt;

/**
 * Event of a scenario: a temporary change at one simulated backend.
 *
 * @param backend index of the backend
 * @param fromNanos start
 * @param toNanos end
 * @param flapNanos the event is active for this time, then inactive for this time, and so on; 0: always active
 * @param watched whether the report measures when requests moved away and came back
 * @param edgeGroup index of the only edge group that is affected; for a route change
 * @param effect the change
 */
public record ScenarioEvent(
        int backend,
        long fromNanos,
        long toNanos,
        long flapNanos,
        boolean watched,
        OptionalInt edgeGroup,
        Effect effect) {

    /** Returns whether the event is active at this virtual time. */
    public boolean isActive(long nowNanos) {
        return nowNanos >= fromNanos
                && nowNanos < toNanos
                && (flapNanos == 0 || (nowNanos - fromNanos) / flapNanos % 2 == 0);
    }

    /** Returns the end of the active phase that contains this virtual time. */
    public long activeUntilNanos(long nowNanos) {
        if (flapNanos == 0) {
            return toNanos;
        }
        long phase = (nowNanos - fromNanos) / flapNanos;
        return Math.min(toNanos, fromNanos + (phase + 1) * flapNanos);
    }

    ScenarioEvent earlier(long nanos) {
        return new ScenarioEvent(backend, fromNanos - nanos, toNanos - nanos, flapNanos, watched, edgeGroup, effect);
    }

    /** Effect of an event. */
    public sealed interface Effect {

        /** Multiplies the server's time to first token by {@code factor}. */
        record Slowdown(double factor) implements Effect {}

        /** Adds to the round-trip time. */
        record Route(double extraNanos) implements Effect {}

        /**
         * Lets the first requests of the event take {@code nanos} to the first token, in the median. Then the backend
         * is as fast as without the event: a backend that starts and fills its caches.
         */
        record SlowFirst(int requests, double nanos) implements Effect {}

        /** Holds all responses until the end of the event. HTTP probes succeed meanwhile. */
        record Freeze() implements Effect {}

        /** Leaves the backend out of the conf. At the end of the event, a reload of the conf adds the backend. */
        record Absence() implements Effect {}

        /** Refuses connections. */
        record Outage() implements Effect {}

        /** Accepts a share of the requests and never responds, as clients of Azure have reported. */
        record Hangs(double share) implements Effect {}

        /**
         * Responds to a share of the requests with a 500 after a short time.
         *
         * @param model index of the only model that is affected; empty for all models
         */
        record Errors(double share, long afterNanos, OptionalInt model) implements Effect {}

        /** Responds to a share of the requests with a 429. */
        record Throttle(double share, long retryAfterNanos) implements Effect {}
    }
}

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

    /** Effect of an event. */
    public sealed interface Effect {

        /** Multiplies the server's time to first token by {@code factor}. */
        record Slowdown(double factor) implements Effect {}

        /** Adds to the round-trip time. */
        record Route(double extraNanos) implements Effect {}

        /** Refuses connections. */
        record Outage() implements Effect {}

        /** Accepts a share of the requests and never responds, as clients of Azure have reported. */
        record Hangs(double share) implements Effect {}

        /** Responds to a share of the requests with a 500 after a short time. */
        record Errors(double share, long afterNanos) implements Effect {}

        /** Responds to a share of the requests with a 429. */
        record Throttle(double share, long retryAfterNanos) implements Effect {}
    }
}

package io.crowfly.bench.policies.scenario;

import java.util.OptionalInt;

/**
 * A temporary change at one backend.
 *
 * @param edgeGroup index of the only group of edges that is affected; for a route change
 * @param flapNanos the event is active for this time, inactive for this time, and so on until the end; 0: always
 *     active
 * @param watched whether the report measures when requests moved away and came back
 */
public record ScenarioEvent(
        int backend,
        long fromNanos,
        long toNanos,
        long flapNanos,
        boolean watched,
        OptionalInt edgeGroup,
        Effect effect) {

    /** Returns whether the event is active at this moment. */
    public boolean isActive(long nowNanos) {
        return nowNanos >= fromNanos
                && nowNanos < toNanos
                && (flapNanos == 0 || (nowNanos - fromNanos) / flapNanos % 2 == 0);
    }

    public sealed interface Effect {

        /** Multiplies the server's time to first token. */
        record Slowdown(double factor) implements Effect {}

        /** Adds to the round-trip time. */
        record Route(double extraNanos) implements Effect {}

        /** Connections are refused. */
        record Outage() implements Effect {}

        /**
         * A share of the requests is accepted and never gets a response, as in an incident of Azure that clients
         * reported.
         */
        record Hangs(double share) implements Effect {}

        /** A share of the requests gets a 500 after a short time. */
        record Errors(double share, long afterNanos) implements Effect {}

        /** A share of the requests gets a 429. */
        record Throttle(double share, long retryAfterNanos) implements Effect {}
    }
}

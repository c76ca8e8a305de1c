package io.crowfly.bench.policies.scenario;

import java.util.OptionalInt;

/**
 * Something that happens to one backend for a while.
 *
 * @param edgeGroup the only group of edges that it concerns, by its place; for a route change
 * @param flapNanos on for so long, then off for so long, and so on until the end; 0: on all the time
 * @param watched whether the report tells when requests left and came back
 */
public record Event(
        int backend,
        long fromNanos,
        long toNanos,
        long flapNanos,
        boolean watched,
        OptionalInt edgeGroup,
        Effect effect) {

    /** Whether it is on at this moment. */
    public boolean isActive(long nowNanos) {
        return nowNanos >= fromNanos
                && nowNanos < toNanos
                && (flapNanos == 0 || (nowNanos - fromNanos) / flapNanos % 2 == 0);
    }

    public sealed interface Effect {

        /** The server takes so many times as long to the first token. */
        record Slowdown(double factor) implements Effect {}

        /** The round trip is so much longer. */
        record Route(double extraNanos) implements Effect {}

        /** Connections are refused. */
        record Outage() implements Effect {}

        /** A share of the requests is taken and never answered, as in an incident of Azure's that clients reported. */
        record Hangs(double share) implements Effect {}

        /** A share of the requests is answered by 500, soon. */
        record Errors(double share, long afterNanos) implements Effect {}

        /** A share of the requests is answered by 429. */
        record Throttle(double share, long retryAfterNanos) implements Effect {}
    }
}

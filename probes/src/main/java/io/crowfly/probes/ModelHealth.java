package io.crowfly.probes;

import java.util.Optional;

/**
 * Immutable health of one (backend, model) pair, as published in a {@link BackendSnapshot}.
 *
 * @param ejection present while the pair gets no requests because of its failures
 * @param failureShare share of the pair's recent live attempts that failed, from 0 to 1
 * @param listed whether the conf lists the model's exact name, so that no client has invented the name
 */
public record ModelHealth(Optional<Ejected> ejection, double failureShare, boolean listed) {

    /** Health of a pair without recent failures. */
    public static final ModelHealth HEALTHY = new ModelHealth(Optional.empty(), 0, true);

    /** Kind of the failures that ejected a pair. */
    public enum Cause {
        /** Error statuses, error events, empty streams, or connections closed without a response. */
        ERROR,
        /** No first token in time. */
        TIMED_OUT,
        /** Responses that were interrupted. */
        INTERRUPTED,
        /** Failed inference probes. */
        PROBE
    }

    /**
     * Ejection of a pair.
     *
     * @param untilNanos end of the ejection, in {@link Scheduler#nanoTime} time; {@link Long#MAX_VALUE} if it lasts
     *     until probes pass
     * @param reason for operators, in a few words
     */
    public record Ejected(Cause cause, long untilNanos, String reason) {}

    public boolean isEjected() {
        return ejection.isPresent();
    }
}

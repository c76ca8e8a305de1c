package io.crowfly.bench.policies.policy;

import java.util.List;

/**
 * Policy for backend selection in the policy simulator. Each edge has its own instance, which receives everything that
 * the edge can observe.
 *
 * <p>Backends are numbers, in the order of {@link EdgeEnvironment#backends}. Times are virtual nanoseconds of
 * {@link EdgeEnvironment#scheduler}. All calls, and the tasks of the scheduler, run on one thread.
 */
public interface SelectionPolicy {

    /** Result of {@link #choose} if the policy refuses the request. The client then receives a 503. */
    int NONE = -1;

    /** Value of {@code serverNanos} if the backend does not report its processing time. */
    long NOT_REPORTED = -1;

    /**
     * Selects the backend for a request's first attempt, or for the next attempt after a failure.
     *
     * @param tried the backends at which this request has failed; at least one backend is untried
     * @return an untried backend, or {@link #NONE}
     */
    int choose(SimulatedRequest request, TriedBackends tried, long nowNanos);

    /** Returns whether the last {@link #choose} selected a backend only to learn its latency. */
    default boolean explores() {
        return false;
    }

    /**
     * Is called after a reload of the conf that adds or removes backends, and at the start if a backend is missing.
     * Backends keep their numbers.
     *
     * @param present numbers of the backends in the conf, ascending
     */
    default void backendsChanged(List<Integer> present) {}

    /**
     * Is called when the request is sent to the chosen backend. Exactly one of {@link #completed}, {@link #failed} and
     * {@link #cancelled} follows.
     */
    default void sent(SimulatedAttempt attempt) {}

    /**
     * Is called at the first token, or at the first byte of a response that is not streamed.
     *
     * @param serverNanos processing time that the backend reports, or {@link #NOT_REPORTED}
     */
    default void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {}

    /**
     * Is called just before {@link #firstToken} if the backend reports its quota with the response.
     *
     * @param remainingShare share of the quota that remained when the request arrived, from 0 to 1
     * @param resetNanos time from now until the whole quota is available again
     */
    default void quotaReported(SimulatedAttempt attempt, double remainingShare, long resetNanos, long nowNanos) {}

    /** Is called when the last byte of the response was received. */
    default void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {}

    default void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {}

    /** Is called when another attempt of the same request got its first token before this one. */
    default void cancelled(SimulatedAttempt attempt, long nowNanos) {}

    /**
     * Returns the time since sending after which {@link #hedge} is called, in nanoseconds, if the attempt still waits
     * alone. {@link Long#MAX_VALUE}: no hedge.
     */
    default long hedgeDelayNanos(SimulatedAttempt attempt) {
        return Long.MAX_VALUE;
    }

    /**
     * Returns the backend of an attempt beside a slow one, or {@link #NONE} for none at this moment. Is called at each
     * tick of the edge until the policy returns a backend or the slow attempt has ended.
     *
     * @param tried the backends of all attempts of the request
     */
    default int hedge(SimulatedAttempt slow, TriedBackends tried, long nowNanos) {
        return NONE;
    }

    /**
     * Returns the predicted median time to first token at this backend, in nanoseconds; {@link Double#NaN} if the
     * policy makes no predictions.
     */
    default double predictedNanos(SimulatedRequest request, int backend, long nowNanos) {
        return Double.NaN;
    }

    /**
     * Returns the policy's own first-byte timeout for this attempt, in nanoseconds. The scenario's timeout applies if
     * it is shorter.
     */
    default long firstByteTimeoutNanos(SimulatedAttempt attempt) {
        return Long.MAX_VALUE;
    }
}

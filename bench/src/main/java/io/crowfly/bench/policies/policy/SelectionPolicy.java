package io.crowfly.bench.policies.policy;

/**
 * A policy for backend selection. There is one instance at each edge, which receives everything that the edge can
 * observe.
 *
 * <p>Backends are numbers, in the order of {@link EdgeEnvironment#backends}. Times are virtual nanoseconds of
 * {@link EdgeEnvironment#scheduler}. All calls, and the tasks of the scheduler, run on one thread.
 */
public interface SelectionPolicy {

    /** The result of {@link #choose} that refuses the request; the client receives a 503. */
    int NONE = -1;

    /** The processing time of a backend that does not report one. */
    long NOT_REPORTED = -1;

    /**
     * Selects the backend for a request's first attempt, or for the next attempt after a failure.
     *
     * @param tried the backends at which this request has just failed; at least one backend has not been tried
     * @return a backend that was not tried, or {@link #NONE}
     */
    int choose(SimulatedRequest request, TriedBackends tried, long nowNanos);

    /**
     * Is called when the request is sent to the chosen backend. Exactly one of {@link #completed} and {@link #failed}
     * follows.
     */
    default void sent(SimulatedAttempt attempt) {}

    /**
     * Is called at the first token, or at the first byte of a response that is not streamed.
     *
     * @param serverNanos the part of the time that the backend reports as its own; {@link #NOT_REPORTED} if it
     *     reports none
     */
    default void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {}

    /**
     * Is called just before {@link #firstToken} if the backend reports its quota with the response.
     *
     * @param remainingShare remaining share of the quota when the request arrived, from 0 to 1
     * @param resetNanos time from now until the quota is complete again
     */
    default void quotaReported(SimulatedAttempt attempt, double remainingShare, long resetNanos, long nowNanos) {}

    /** Is called when the last byte was received. */
    default void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {}

    default void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {}

    /**
     * Returns the predicted median time to first token at this backend; {@link Double#NaN} from policies that do not
     * predict.
     */
    default double predictedNanos(SimulatedRequest request, int backend, long nowNanos) {
        return Double.NaN;
    }

    /**
     * Returns the time without a first byte after which the attempt is abandoned, if shorter than the scenario's
     * timeout.
     */
    default long firstByteTimeoutNanos(SimulatedAttempt attempt) {
        return Long.MAX_VALUE;
    }
}

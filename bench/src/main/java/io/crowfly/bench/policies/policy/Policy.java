package io.crowfly.bench.policies.policy;

/**
 * A way to choose a backend: one instance at each edge, told of all that the edge itself can see.
 *
 * <p>Backends are numbers, in the order of {@link EdgeEnvironment#backends}. Times are virtual nanoseconds on {@link
 * Surroundings#timeline}. All calls, and the tasks given to the timeline, come on one thread.
 */
public interface Policy {

    /** The answer of {@link #choose} that refuses the request: the client gets a 503. */
    int NONE = -1;

    /** A time that a backend doesn't tell. */
    long NOT_REPORTED = -1;

    /**
     * The backend for a request's first attempt, or for the next one after a failure.
     *
     * @param tried the backends at which this request has failed just now; at least one has not been tried
     * @return one that was not tried, or {@link #NONE}
     */
    int choose(Request request, TriedBackends tried, long nowNanos);

    /** The request leaves for the backend that was chosen. Exactly one of {@link #completed} and {@link #failed} follows. */
    default void sent(Attempt attempt) {}

    /**
     * The first token came, or the first byte of an answer that isn't streamed.
     *
     * @param serverNanos of it what the backend says it spent itself; {@link #NOT_REPORTED} if it doesn't say
     */
    default void firstToken(Attempt attempt, long serverNanos, long nowNanos) {}

    /**
     * What a backend with a quota says beside an answer, just before {@link #firstToken}.
     *
     * @param left of the quota when the request was there, from 0 to 1
     * @param resetNanos from now on until it is whole again
     */
    default void quotaReported(Attempt attempt, double left, long resetNanos, long nowNanos) {}

    /** The last byte came. */
    default void completed(Attempt attempt, int outputTokens, long nowNanos) {}

    default void failed(Attempt attempt, Failure failure, long nowNanos) {}

    /** What a policy that predicts would say of the median time to first token there; {@link Double#NaN} from others. */
    default double predictedNanos(Request request, int backend, long nowNanos) {
        return Double.NaN;
    }

    /** After how long without a first byte the attempt is given up, where that is sooner than the scenario's timeout. */
    default long firstByteTimeoutNanos(Attempt attempt) {
        return Long.MAX_VALUE;
    }
}

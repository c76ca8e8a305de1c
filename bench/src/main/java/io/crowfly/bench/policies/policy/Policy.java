package io.crowfly.bench.policies.policy;

/**
 * A way to choose a backend: one instance at each edge, told of all that the edge itself can see.
 *
 * <p>Backends are numbers, in the order of {@link Surroundings#backends}. Times are virtual nanoseconds on {@link
 * Surroundings#timeline}. All calls, and the tasks given to the timeline, come on one thread.
 */
public interface Policy {

    /** The answer of {@link #choose} that refuses the request: the client gets a 503. */
    int NONE = -1;

    /**
     * The backend for a request's first attempt, or for the next one after a failure.
     *
     * @param tried the backends at which this request has failed just now; at least one has not been tried
     * @return one that was not tried, or {@link #NONE}
     */
    int choose(Request request, Tried tried, long nowNanos);

    /** The request leaves for the backend that was chosen. Exactly one of {@link #ended} and {@link #failed} follows. */
    default void sent(Attempt attempt) {}

    /** The first token came, or the first byte of an answer that isn't streamed. */
    default void firstToken(Attempt attempt, long nowNanos) {}

    /** The last byte came. */
    default void ended(Attempt attempt, int outputTokens, long nowNanos) {}

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

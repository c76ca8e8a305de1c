package io.crowfly.bench.policies.policy;

/** Failure of a simulated attempt before the first byte of a response for the client. */
public sealed interface SimulatedFailure {

    /** The connection was refused. */
    record Refused() implements SimulatedFailure {}

    /** The backend responded with an error such as 500 or 503. */
    record ServerError(int status) implements SimulatedFailure {}

    /**
     * The backend responded with 429.
     *
     * @param retryAfterNanos value of {@code Retry-After}; negative if absent
     */
    record TooManyRequests(long retryAfterNanos) implements SimulatedFailure {}

    /** No first byte was received before the timeout. */
    record Timeout(long afterNanos) implements SimulatedFailure {}
}

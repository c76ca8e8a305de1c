package io.crowfly.bench.policies.policy;

/** The failures of an attempt before any byte of a response for the client was received. */
public sealed interface SimulatedFailure {

    /** Connection refused. */
    record Refused() implements SimulatedFailure {}

    /** An error response such as 500 or 503. */
    record ServerError(int status) implements SimulatedFailure {}

    /**
     * A 429 response.
     *
     * @param retryAfterNanos the backend's {@code Retry-After}; negative if absent
     */
    record TooManyRequests(long retryAfterNanos) implements SimulatedFailure {}

    /** No first byte was received before the timeout. */
    record Timeout(long afterNanos) implements SimulatedFailure {}
}

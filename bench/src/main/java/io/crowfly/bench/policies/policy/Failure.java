package io.crowfly.bench.policies.policy;

/** How an attempt failed, before any byte of an answer that the client could have been given. */
public sealed interface Failure {

    /** Connection refused. */
    record Refused() implements Failure {}

    /** An answer such as 500 or 503. */
    record ServerError(int status) implements Failure {}

    /** 429. @param retryAfterNanos as the backend hints; negative if it doesn't */
    record TooManyRequests(long retryAfterNanos) implements Failure {}

    /** Nothing came in time. */
    record Timeout(long afterNanos) implements Failure {}
}

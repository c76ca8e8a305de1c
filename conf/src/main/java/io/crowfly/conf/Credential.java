package io.crowfly.conf;

/** What Crowfly shows a backend to be let in. */
public sealed interface Credential {

    /** None of our own; what the client sent may pass (see the provider's dialect). */
    record None() implements Credential {}

    /** Sent as {@code api-key}. */
    record ApiKey(Secret key) implements Credential {}

    /** Sent as {@code authorization: Bearer}. */
    record Bearer(Secret token) implements Credential {}
}

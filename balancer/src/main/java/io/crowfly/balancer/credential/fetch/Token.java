package io.crowfly.balancer.credential.fetch;

import java.time.Duration;
import java.time.Instant;

/**
 * Access token for a backend, with its expiry.
 *
 * @param expiresNanos time of expiry by the ticker of {@link CredentialThread}; this time decides
 * @param expires time of expiry by the wall clock; for operators only
 */
public record Token(String value, long expiresNanos, Instant expires) {

    /** Returns the time until the token expires. */
    public Duration remaining(CredentialThread thread) {
        return Duration.ofNanos(expiresNanos - thread.nanos());
    }

    /** Returns a text for logs, without the value, which is a secret. */
    @Override
    public String toString() {
        return "a token until " + expires;
    }
}

package io.crowfly.balancer.credential.fetch;

import java.time.Duration;
import java.time.Instant;

/**
 * Access token with its expiry.
 *
 * @param expiresNanos by the ticker of {@link CredentialThread}; decides when the token expires
 * @param expires by the clock; for operators only
 */
public record Token(String value, long expiresNanos, Instant expires) {

    /** Returns the remaining lifetime. */
    public Duration remaining(CredentialThread thread) {
        return Duration.ofNanos(expiresNanos - thread.nanos());
    }

    /** Omits the value, which is a secret. */
    @Override
    public String toString() {
        return "a token until " + expires;
    }
}

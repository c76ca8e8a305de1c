package io.crowfly.balancer.credential;

import java.time.Duration;
import java.time.Instant;

/**
 * A token that was got somewhere, and how long it is good.
 *
 * @param expiresNanos by the room's ticker: what decides
 * @param expires by the clock: what operators are told
 */
record Token(String value, long expiresNanos, Instant expires) {

    /** What is left of its life. */
    Duration left(Room room) {
        return Duration.ofNanos(expiresNanos - room.nanos());
    }

    /** Without its value, which is a secret. */
    @Override
    public String toString() {
        return "a token until " + expires;
    }
}

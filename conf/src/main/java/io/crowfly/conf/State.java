package io.crowfly.conf;

import java.time.Duration;
import java.util.Optional;

/**
 * {@code state}: how requests find back to the backend that keeps what they refer to.
 *
 * @param home the backend that requests for lists go to, and those for things that nobody has seen; absent: the best one
 * @param ttl how long an id is remembered after it was last seen
 * @param ids how many are remembered
 * @param redis where a fleet shares them; absent: each instance remembers its own
 */
public record State(Optional<String> home, Duration ttl, int ids, Optional<Redis> redis) {

    /** What holds where a file says nothing. Azure and OpenAI keep responses for 30 days; an id takes some 200 bytes. */
    public static final State DEFAULT = new State(Optional.empty(), Duration.ofDays(30), 1_000_000, Optional.empty());

    /** @param url {@code redis://} or {@code rediss://}, a password in it or not. @param timeout for one look at it */
    public record Redis(Secret url, Duration timeout) {}
}

package io.crowfly.conf;

import io.crowfly.conf.value.Secret;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings for stored state, {@code state}: how a request reaches the backend that owns what the request refers to.
 *
 * @param defaultOwner the backend for lists and for ids that are not recorded; absent: the best backend
 * @param ttl how long an id is kept after its last use
 * @param maxIds how many ids are kept
 * @param redis server through which a fleet shares the ids; absent: each instance keeps its own
 */
public record State(Optional<String> defaultOwner, Duration ttl, int maxIds, Optional<Redis> redis) {

    /** The defaults. Azure and OpenAI keep responses for 30 days. An id takes about 200 bytes of memory. */
    public static final State DEFAULT = new State(Optional.empty(), Duration.ofDays(30), 1_000_000, Optional.empty());

    /** Redis or Valkey server. @param url may contain a password. @param timeout limit for one request to the server */
    public record Redis(Secret url, Duration timeout) {}
}

package io.crowfly.conf;

import io.crowfly.conf.value.Secret;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings for state that backends store ({@code state}): how a request is sent to the backend that owns the response
 * or file that the request refers to.
 *
 * @param defaultOwner the backend for lists and for ids that are not recorded; absent: the backend that routing chooses
 * @param ttl time for which an id is kept after its last use
 * @param maxIds maximum number of ids that are kept
 * @param redis server through which several Crowfly processes share the ids; absent: each process keeps only its own
 *     ids
 */
public record State(Optional<String> defaultOwner, Duration ttl, int maxIds, Optional<Redis> redis) {

    /**
     * Settings without a section {@code state}. Azure and OpenAI keep responses for 30 days. An id takes about 200
     * bytes of memory.
     */
    public static final State DEFAULT = new State(Optional.empty(), Duration.ofDays(30), 1_000_000, Optional.empty());

    /**
     * Redis or Valkey server that holds the shared ids.
     *
     * @param url may contain a password
     * @param timeout limit for one request to the server
     */
    public record Redis(Secret url, Duration timeout) {}
}

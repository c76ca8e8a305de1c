package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/** What it would do to send a request twice, by its method, its path and what its body says of keeping things. */
public enum RetryClass {
    /** Changes nothing, by HTTP's own word (RFC 9110 section 9.2.1). */
    SAFE,
    /** Generates and forgets: a second time costs a second generation, and harms nobody. */
    STATELESS,
    /** May leave something behind, or goes on from what one backend keeps: once only. */
    CREATING;

    private static final Set<String> STATELESS_PATHS = Set.of(
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/embeddings",
            "/v1/moderations",
            "/v1/images/generations",
            "/v1/images/edits",
            "/v1/images/variations",
            "/v1/audio/speech",
            "/v1/audio/transcriptions",
            "/v1/audio/translations",
            "/v1/responses/compact",
            "/v1/responses/input_tokens");

    /** Whether it does no harm to send the request again although it may have been processed. */
    public boolean repeatable() {
        return this != CREATING;
    }

    /**
     * @param path without the query
     * @param asksToStore whether the body says {@code store} with another value than {@code false}
     * @param asksNotToStore whether it says {@code "store": false}; the Responses API keeps what is not said to be forgotten
     * @param refersToStored whether it goes on from what a backend keeps
     */
    static RetryClass of(
            HttpMethod method, String path, boolean asksToStore, boolean asksNotToStore, boolean refersToStored) {
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS)) {
            return SAFE;
        }
        boolean forgets = STATELESS_PATHS.contains(path) || path.equals("/v1/responses") && asksNotToStore;
        boolean stateless = method.equals(HttpMethod.POST) && forgets && !asksToStore && !refersToStored;
        return stateless ? STATELESS : CREATING;
    }
}

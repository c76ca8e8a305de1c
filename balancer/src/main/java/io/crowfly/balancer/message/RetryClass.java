package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/**
 * Class of a request by the effect of processing it twice, which decides whether a retry is safe. Derived from method,
 * path and body.
 */
public enum RetryClass {
    /** The request changes nothing, because its method is safe (RFC 9110, section 9.2.1). */
    SAFE,
    /**
     * The request stores nothing. If it is processed twice, a second response is generated at a cost, with no other
     * effect.
     */
    STATELESS,
    /**
     * The request may store something, or continues from state that one backend keeps. It must be processed at most
     * once.
     */
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

    /** Returns whether the request may be sent again although a backend may have processed it. */
    public boolean repeatable() {
        return this != CREATING;
    }

    /**
     * Returns the class of a request.
     *
     * @param path without the query
     * @param storeEnabled whether the body has {@code store} with another value than {@code false}
     * @param storeDisabled whether the body has {@code "store": false}; the Responses API stores responses by default
     * @param usesStoredState whether the body refers to state that a backend keeps
     */
    static RetryClass of(
            HttpMethod method, String path, boolean storeEnabled, boolean storeDisabled, boolean usesStoredState) {
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS)) {
            return SAFE;
        }
        boolean storesNothing = STATELESS_PATHS.contains(path) || path.equals("/v1/responses") && storeDisabled;
        boolean stateless = method.equals(HttpMethod.POST) && storesNothing && !storeEnabled && !usesStoredState;
        return stateless ? STATELESS : CREATING;
    }
}

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
     * The request generates a result. If it is processed twice, a second result is generated at a cost. The Responses
     * API also stores the second result, but no list contains it, and no client receives its id.
     */
    GENERATING,
    /**
     * The request generates a result from a stored response, so only the owner of that response can process it. It may
     * be processed twice there.
     */
    CONTINUING,
    /**
     * The request may store something that clients can see, or adds to state that a backend keeps. It must be processed
     * at most once.
     */
    CREATING;

    private static final String RESPONSES = "/v1/responses";

    private static final Set<String> GENERATING_PATHS = Set.of(
            RESPONSES,
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

    /** Returns whether the request may be sent to another backend although one may have processed it. */
    public boolean repeatable() {
        return this == SAFE || this == GENERATING;
    }

    /**
     * Returns the class of a request.
     *
     * @param path without the query
     * @param storeEnabled whether the body has {@code store} with another value than {@code false}
     * @param continuesResponse whether the body refers to a previous response
     * @param mustRunOnce whether the body says, or may say, that the request must be processed only once
     */
    static RetryClass of(
            HttpMethod method, String path, boolean storeEnabled, boolean continuesResponse, boolean mustRunOnce) {
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS)) {
            return SAFE;
        }
        // The Responses API stores by default, so `store: true` makes no difference there.
        boolean listsResult = storeEnabled && !path.equals(RESPONSES);
        if (!method.equals(HttpMethod.POST) || !GENERATING_PATHS.contains(path) || listsResult || mustRunOnce) {
            return CREATING;
        }
        return continuesResponse ? CONTINUING : GENERATING;
    }
}

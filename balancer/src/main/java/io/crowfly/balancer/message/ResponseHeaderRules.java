package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/**
 * Changes to the headers of a backend's response before it is sent to the client: removes headers about the backend and
 * sets Crowfly's request id. {@link HopByHopHeaders} are removed before.
 */
public final class ResponseHeaderRules {

    private static final AsciiString ALT_SVC = AsciiString.cached("alt-svc");

    private ResponseHeaderRules() {}

    /**
     * Removes headers that concern only the backend, sets Crowfly's request id, and marks a response that a client
     * should not retry.
     *
     * @param requestId Crowfly's id of the request; the access log contains it and the backend's own id
     * @param ourCredential whether the request carried a credential from the conf rather than the client's own
     * @param exhausted whether a retry by the client would not help
     */
    public static void apply(HttpHeaders headers, String requestId, boolean ourCredential, boolean exhausted) {
        // This header lists ports of the backend, to which clients must not connect directly.
        headers.remove(ALT_SVC);
        headers.set(RequestIds.HEADER, requestId);
        if (ourCredential) {
            // This header is about Crowfly's credential, which the client does not have.
            headers.remove(HttpHeaderNames.WWW_AUTHENTICATE);
        }
        if (exhausted) {
            headers.set(ErrorResponse.SHOULD_RETRY, ErrorResponse.FALSE);
        }
    }
}

package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/**
 * Head of a client's request in the terms of RFC 9110, independent of the HTTP version.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority host and port, as the client sent them
 * @param target path and query; starts with a slash
 * @param headers without hop-by-hop headers, {@code host} and {@code expect}; {@code upgrade} only for a WebSocket
 * @param nominated names, in lower case, of the end-to-end headers that were removed because the client's {@code
 *     connection} names them; nearly always empty
 * @param contentLength in bytes; 0 for no body, {@link #UNKNOWN_LENGTH} for a body without a declared length
 * @param expectsContinue whether the client waits for a 100 before it sends the body
 * @param cors policy of the listener for web pages of other origins
 */
public record RequestHead(
        HttpMethod method,
        String scheme,
        String authority,
        String target,
        HttpHeaders headers,
        Set<String> nominated,
        long contentLength,
        boolean expectsContinue,
        CorsPolicy cors) {

    public static final long UNKNOWN_LENGTH = -1;

    /** Creates a head of which {@code connection} has removed no header, without a policy for web pages. */
    public RequestHead(
            HttpMethod method,
            String scheme,
            String authority,
            String target,
            HttpHeaders headers,
            long contentLength,
            boolean expectsContinue) {
        this(method, scheme, authority, target, headers, Set.of(), contentLength, expectsContinue, CorsPolicy.NONE);
    }

    public boolean hasBody() {
        return contentLength != 0;
    }

    /**
     * Returns whether Crowfly opens the {@linkplain #requestsWebSocket requested WebSocket} with the client before a
     * backend is selected. The client's first message is then the request's body, and is sent as the first message to
     * the backend.
     */
    public boolean bodyIsFirstMessage() {
        // Such a request has no declared length. Nearly all others have one, so this cheap test comes first.
        return contentLength == UNKNOWN_LENGTH && requestsWebSocket();
    }

    /** Returns whether the request asks for a WebSocket. After a 101 response both sides send WebSocket frames. */
    public boolean requestsWebSocket() {
        return headers.contains(HttpHeaderNames.UPGRADE);
    }
}

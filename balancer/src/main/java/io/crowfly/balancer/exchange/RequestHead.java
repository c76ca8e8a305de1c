package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;

/**
 * What a request says before its body, in the terms of RFC 9110 whatever the protocol.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority as the client named it
 * @param target path and query; starts with a slash
 * @param headers without hop-by-hop headers, {@code host} and {@code expect}; {@code upgrade} is there for a WebSocket only
 * @param contentLength in bytes; 0 for no body, {@link #UNKNOWN_LENGTH} for a body that ends when it ends
 * @param expectsContinue whether the client waits for a 100 before it sends the body
 */
public record RequestHead(
        HttpMethod method,
        String scheme,
        String authority,
        String target,
        HttpHeaders headers,
        long contentLength,
        boolean expectsContinue) {

    public static final long UNKNOWN_LENGTH = -1;

    public boolean hasBody() {
        return contentLength != 0;
    }

    /**
     * Whether it {@linkplain #asksForWebSocket asks for a WebSocket}, the client has one already, and what it said first is
     * the body: to be said first to the backend.
     */
    public boolean bodyIsFirstMessage() {
        // It has no length; asked in this order since nearly every request can be told by that.
        return contentLength == UNKNOWN_LENGTH && asksForWebSocket();
    }

    /** Whether, if the answer is a 101, both sides go on in WebSocket's frames. */
    public boolean asksForWebSocket() {
        return headers.contains(HttpHeaderNames.UPGRADE);
    }
}

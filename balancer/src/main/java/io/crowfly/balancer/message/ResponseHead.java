package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * Head of a response in the terms of RFC 9110, independent of the HTTP version.
 *
 * @param headers without hop-by-hop headers; a {@code content-length}, if present, is correct
 */
public record ResponseHead(int status, HttpHeaders headers) {

    public static final int SWITCHING_PROTOCOLS = 101;

    /**
     * Returns whether both sides send another protocol's data (WebSocket) after this head, until the connection ends.
     */
    public boolean switchesProtocols() {
        return status == SWITCHING_PROTOCOLS;
    }
}

package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * What an answer says before its body, in the terms of RFC 9110 whatever the protocol.
 *
 * @param headers without hop-by-hop headers; a {@code content-length} is true
 */
public record ResponseHead(int status, HttpHeaders headers) {

    public static final int SWITCHING_PROTOCOLS = 101;

    /** Whether the body is another protocol's, of either side: all that each of them says from here on, until its end. */
    public boolean switchesProtocols() {
        return status == SWITCHING_PROTOCOLS;
    }
}

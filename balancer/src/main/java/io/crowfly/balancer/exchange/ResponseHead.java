package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * What an answer says before its body, in the terms of RFC 9110 whatever the protocol.
 *
 * @param headers without hop-by-hop headers; a {@code content-length} is true
 */
public record ResponseHead(int status, HttpHeaders headers) {}

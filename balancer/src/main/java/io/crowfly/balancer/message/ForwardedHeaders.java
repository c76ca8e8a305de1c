package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/**
 * The {@code x-forwarded-*} headers, which tell a backend the client's address, scheme and host. Adds them to a
 * request. A dialect removes these headers for backends that must not receive them.
 */
public final class ForwardedHeaders {

    private static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
    private static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
    private static final AsciiString HOST = AsciiString.cached("x-forwarded-host");

    private ForwardedHeaders() {}

    public static void addTo(HttpHeaders headers, RequestHead head, String client) {
        if (headers.contains(FOR)) {
            headers.set(FOR, String.join(", ", headers.getAll(FOR)) + ", " + client);
        } else {
            headers.set(FOR, client);
        }
        headers.set(PROTO, head.scheme());
        if (!headers.contains(HOST)) {
            headers.set(HOST, head.authority());
        }
    }
}

package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** Tells a backend who asked, and how, as far as this hop knows. A dialect takes it out again for backends that must not see it. */
final class Forwarded {

    private static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
    private static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
    private static final AsciiString HOST = AsciiString.cached("x-forwarded-host");

    private Forwarded() {}

    static void addTo(HttpHeaders headers, RequestHead head, String client) {
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

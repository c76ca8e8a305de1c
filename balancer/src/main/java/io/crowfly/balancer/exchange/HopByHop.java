package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;

/** Headers that belong to one connection and end there (RFC 9110 section 7.6.1). */
public final class HopByHop {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private HopByHop() {}

    /** Changes the headers in place. */
    public static void strip(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            stripNamed(headers);
        }
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.PROXY_AUTHENTICATE);
        headers.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.UPGRADE);
        stripTe(headers);
    }

    private static void stripNamed(HttpHeaders headers) {
        Iterator<String> values = headers.valueStringIterator(HttpHeaderNames.CONNECTION);
        while (values.hasNext()) {
            String value = values.next();
            // Almost always one of these two words, which name no header that is not taken out anyway.
            if (!HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(value)
                    && !HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(value)) {
                stripEach(value.split(","), headers);
            }
        }
        headers.remove(HttpHeaderNames.CONNECTION);
    }

    private static void stripEach(String[] names, HttpHeaders headers) {
        for (String name : names) {
            String named = name.trim();
            // Naming these would take away what frames the body or says whom it is for, or what is looked at next.
            if (!named.isEmpty()
                    && !HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.HOST.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.TE.contentEqualsIgnoreCase(named)) {
                headers.remove(named);
            }
        }
    }

    /** {@code te: trailers} says something of the client that holds end to end; the rest of {@code te} does not. */
    private static void stripTe(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.TE)) {
            boolean trailers = headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
            headers.remove(HttpHeaderNames.TE);
            if (trailers) {
                headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
            }
        }
    }
}

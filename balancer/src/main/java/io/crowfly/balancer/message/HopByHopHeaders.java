package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;

/** Header fields that apply to one connection only and must not be forwarded (RFC 9110 section 7.6.1). */
public final class HopByHopHeaders {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private HopByHopHeaders() {}

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
            // Nearly always one of these two values. The header that each of them names is removed anyway.
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
            // A client must not have these removed: they frame the body or select the host. TE is handled below.
            if (!named.isEmpty()
                    && !HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.HOST.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.TE.contentEqualsIgnoreCase(named)) {
                headers.remove(named);
            }
        }
    }

    /** Keeps {@code te: trailers}, which is valid end to end; other values of {@code te} apply to one connection. */
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

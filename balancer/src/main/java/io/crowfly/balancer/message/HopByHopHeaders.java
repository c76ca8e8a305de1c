package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;

/**
 * Removal of the headers that apply to one connection only and must not be forwarded (RFC 9110, section 7.6.1). For
 * requests and responses.
 */
public final class HopByHopHeaders {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    private HopByHopHeaders() {}

    /** Removes the hop-by-hop headers from {@code headers}, and the headers that {@code connection} names. */
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
            // The value is nearly always `keep-alive` or `close`. For these two nothing else must be removed: there is
            // no header `close`, and `keep-alive` is removed anyway.
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
            // A client must not be able to remove content-length or host, which decide the body's length and the
            // destination. TE is handled in stripTe.
            if (!named.isEmpty()
                    && !HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.HOST.contentEqualsIgnoreCase(named)
                    && !HttpHeaderNames.TE.contentEqualsIgnoreCase(named)) {
                headers.remove(named);
            }
        }
    }

    /**
     * Removes {@code te}, except {@code te: trailers}, which may be forwarded. Other values of {@code te} apply to one
     * connection.
     */
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

package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/**
 * Removal of the headers that apply to one connection only and must not be forwarded (RFC 9110, section 7.6.1). For
 * requests and responses.
 */
public final class HopByHopHeaders {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    /** Headers that {@code connection} may name without effect. */
    private static final Set<String> KEPT = Set.of("content-length", "host", "te", "upgrade");

    private HopByHopHeaders() {}

    /**
     * Changes the headers in place.
     *
     * @return the names, in lower case, of the end-to-end headers that {@code connection} names; nearly always empty
     */
    public static Set<String> strip(HttpHeaders headers) {
        Set<String> nominated = headers.contains(HttpHeaderNames.CONNECTION) ? stripNamed(headers) : Set.of();
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.PROXY_AUTHENTICATE);
        headers.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.UPGRADE);
        stripTe(headers);
        return nominated;
    }

    private static Set<String> stripNamed(HttpHeaders headers) {
        Set<String> nominated = Set.of();
        Iterator<String> values = headers.valueStringIterator(HttpHeaderNames.CONNECTION);
        while (values.hasNext()) {
            String value = values.next();
            // The value is nearly always `keep-alive` or `close`. For these two nothing else must be removed: there is
            // no header `close`, and `keep-alive` is removed anyway.
            if (!HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(value)
                    && !HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(value)) {
                nominated = nominated.isEmpty() ? new HashSet<>() : nominated;
                stripEach(value.split(","), headers, nominated);
            }
        }
        headers.remove(HttpHeaderNames.CONNECTION);
        return nominated;
    }

    private static void stripEach(String[] names, HttpHeaders headers, Set<String> nominated) {
        for (String name : names) {
            String named = name.trim().toLowerCase(Locale.ROOT);
            // A client must not have these removed: they frame the body or select the host. The others among them, TE
            // and Upgrade, are removed or replaced whether they are named or not.
            if (!named.isEmpty() && !KEPT.contains(named) && nominated.add(named)) {
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

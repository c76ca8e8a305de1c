package io.crowfly.balancer.provider;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a cloud gets no sight of. Azure answers 431 to more than ten custom headers, and a client's library sends eight by
 * itself; tracing, forwarding and telemetry headers mean nothing to either cloud, and cookies are none of their business.
 */
final class Withheld {

    private static final List<String> NAMES =
            List.of("forwarded", "via", "x-real-ip", "traceparent", "tracestate", "baggage", "cookie");
    private static final List<String> PREFIXES = List.of("x-forwarded-", "x-stainless-", "cf-");

    private Withheld() {}

    static void removeFrom(HttpHeaders headers) {
        List<CharSequence> found = new ArrayList<>();
        var names = headers.iteratorCharSequence();
        while (names.hasNext()) {
            Map.Entry<CharSequence, CharSequence> header = names.next();
            if (isWithheld(header.getKey())) {
                found.add(header.getKey());
            }
        }
        found.forEach(headers::remove);
    }

    private static boolean isWithheld(CharSequence name) {
        for (String prefix : PREFIXES) {
            if (AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        for (String withheld : NAMES) {
            if (AsciiString.contentEqualsIgnoreCase(name, withheld)) {
                return true;
            }
        }
        return false;
    }
}

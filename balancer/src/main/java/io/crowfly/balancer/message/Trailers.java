package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * Removal of forbidden trailer fields before trailers are forwarded: those for framing, routing or authentication (RFC
 * 9110, section 6.5.1).
 */
public final class Trailers {

    private static final List<String> FORBIDDEN = List.of(
            "host",
            "authorization",
            "api-key",
            "x-goog-api-key",
            "x-api-key",
            "x-auth-token",
            "ocp-apim-subscription-key",
            "cookie",
            "set-cookie",
            "content-length",
            "content-type",
            "content-encoding",
            "content-range",
            "cache-control",
            "expect",
            "max-forwards",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "www-authenticate",
            "location");

    private Trailers() {}

    /**
     * Removes forbidden and hop-by-hop fields from {@code trailers}.
     *
     * @return the same object
     */
    public static HttpHeaders strip(HttpHeaders trailers) {
        if (!trailers.isEmpty()) {
            HopByHopHeaders.strip(trailers);
            FORBIDDEN.forEach(trailers::remove);
        }
        return trailers;
    }
}

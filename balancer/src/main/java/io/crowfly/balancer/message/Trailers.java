package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * Trailer fields. Fields for framing, routing or authentication are forbidden in trailers (RFC 9110 section 6.5.1) and
 * removed.
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

    /** Changes the trailers in place. */
    public static HttpHeaders strip(HttpHeaders trailers) {
        if (!trailers.isEmpty()) {
            HopByHopHeaders.strip(trailers);
            FORBIDDEN.forEach(trailers::remove);
        }
        return trailers;
    }
}

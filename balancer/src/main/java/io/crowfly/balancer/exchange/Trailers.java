package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** What may stand behind a body: nothing that frames it, says whom it is for, or lets it in (RFC 9110 section 6.5.1). */
final class Trailers {

    private static final List<String> NEVER = List.of(
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
    static HttpHeaders strip(HttpHeaders trailers) {
        if (!trailers.isEmpty()) {
            HopByHop.strip(trailers);
            NEVER.forEach(trailers::remove);
        }
        return trailers;
    }
}

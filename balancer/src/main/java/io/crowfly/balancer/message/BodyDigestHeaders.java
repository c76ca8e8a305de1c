package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * Header fields with a digest of the body (RFC 9530, and RFC 1864 before it). They are removed when the body changes,
 * because the digest of the new body is another.
 */
public final class BodyDigestHeaders {

    private static final List<String> NAMES = List.of("content-digest", "repr-digest", "digest", "content-md5");

    private BodyDigestHeaders() {}

    /** Changes the headers in place. */
    public static void removeFrom(HttpHeaders headers) {
        NAMES.forEach(headers::remove);
    }
}

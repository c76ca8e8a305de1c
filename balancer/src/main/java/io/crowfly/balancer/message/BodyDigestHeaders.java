package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * Removal of the headers that contain a digest of the body (RFC 9530, and RFC 1864 before it). Needed when Crowfly
 * changes a body, because the digest would be wrong.
 */
public final class BodyDigestHeaders {

    private static final List<String> NAMES = List.of("content-digest", "repr-digest", "digest", "content-md5");

    private BodyDigestHeaders() {}

    /** Removes the digest headers from {@code headers}. */
    public static void removeFrom(HttpHeaders headers) {
        NAMES.forEach(headers::remove);
    }
}

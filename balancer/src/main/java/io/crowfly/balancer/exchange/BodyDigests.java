package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** What a head says of its body's very bytes (RFC 9530, and RFC 1864 before it): no longer true once a model's name is another. */
final class BodyDigests {

    private static final List<String> NAMES = List.of("content-digest", "repr-digest", "digest", "content-md5");

    private BodyDigests() {}

    /** Changes the headers in place. */
    static void removeFrom(HttpHeaders headers) {
        NAMES.forEach(headers::remove);
    }
}

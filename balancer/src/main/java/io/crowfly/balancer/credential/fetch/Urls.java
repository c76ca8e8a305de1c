package io.crowfly.balancer.credential.fetch;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Builder of token server URLs. */
final class Urls {

    private Urls() {}

    /** Appends to a URL. @param suffix begins with a slash; percent-encoded */
    static URI append(URI base, String suffix) {
        return URI.create(base.toString().replaceFirst("/+\\z", "") + suffix);
    }

    /** Encodes any text as one segment of a path. */
    static String encodeSegment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

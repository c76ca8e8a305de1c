package io.crowfly.balancer.credential.fetch;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Functions that build the URLs of token servers. */
final class Urls {

    private Urls() {}

    /**
     * Returns the base URL with a suffix.
     *
     * @param suffix begins with a slash; percent-encoded
     */
    static URI append(URI base, String suffix) {
        return URI.create(base.toString().replaceFirst("/+\\z", "") + suffix);
    }

    /** Percent-encodes any text, so that it is one segment of a path. */
    static String encodeSegment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

package io.crowfly.balancer.credential;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The addresses of token servers. */
final class Urls {

    private Urls() {}

    /** @param rest of the address, from the slash on, percent-encoded */
    static URI under(URI base, String rest) {
        return URI.create(base.toString().replaceFirst("/+\\z", "") + rest);
    }

    /** A name as one segment of a path, whatever it holds. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

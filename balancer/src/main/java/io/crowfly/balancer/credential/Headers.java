package io.crowfly.balancer.credential;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;

/** The two headers that clouds want credentials in, prepared once so that a request only takes them. */
enum Headers {
    API_KEY(AsciiString.cached("api-key"), ""),
    BEARER(HttpHeaderNames.AUTHORIZATION, "Bearer ");

    private final AsciiString name;
    private final String scheme;

    Headers(AsciiString name, String scheme) {
        this.name = name;
        this.scheme = scheme;
    }

    Shown.Header with(String secret) {
        return new Shown.Header(name, scheme + secret);
    }
}

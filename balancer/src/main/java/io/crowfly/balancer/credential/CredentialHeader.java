package io.crowfly.balancer.credential;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;

/**
 * The two headers that can carry a credential: {@code api-key} and {@code authorization}. The value is built once per
 * credential, so that a request only copies it.
 */
enum CredentialHeader {
    API_KEY(AsciiString.cached("api-key"), ""),
    BEARER(HttpHeaderNames.AUTHORIZATION, "Bearer ");

    private final AsciiString name;
    private final String scheme;

    CredentialHeader(AsciiString name, String scheme) {
        this.name = name;
        this.scheme = scheme;
    }

    AttachedCredential.Header with(String secret) {
        return new AttachedCredential.Header(name, scheme + secret);
    }
}

package io.crowfly.balancer.provider;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretSource;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The headers that let a request in. */
final class Credentials {

    static final AsciiString API_KEY = AsciiString.cached("api-key");

    private Credentials() {}

    /** Takes out whatever the client showed and, where we have a credential of our own, shows that. */
    static void replace(HttpHeaders headers, Credential credential) {
        headers.remove(HttpHeaderNames.AUTHORIZATION);
        headers.remove(API_KEY);
        if (credential instanceof Credential.ApiKey apiKey) {
            headers.set(API_KEY, secret(apiKey.key()));
        } else if (credential instanceof Credential.Bearer bearer) {
            headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + secret(bearer.token()));
        }
    }

    private static String secret(SecretSource source) {
        return source instanceof Secret secret ? secret.reveal() : "";
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Provider;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretSource;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;

/** The credentials that are all in the conf: until the tokens' own room is connected there are no others. */
final class StaticCredential {

    private static final AsciiString API_KEY = AsciiString.cached("api-key");

    private StaticCredential() {}

    static Shown of(Backend backend) {
        Credential credential = backend.credential();
        if (credential instanceof Credential.ApiKey apiKey) {
            return new Shown.Header(API_KEY, secret(apiKey.key()));
        } else if (credential instanceof Credential.Bearer bearer) {
            return new Shown.Header(HttpHeaderNames.AUTHORIZATION, "Bearer " + secret(bearer.token()));
        } else if (credential instanceof Credential.Passthrough || backend.provider() instanceof Provider.OpenAi) {
            return new Shown.TheClients();
        }
        return new Shown.Nothing();
    }

    static String secret(SecretSource source) {
        return source instanceof Secret secret ? secret.reveal() : "";
    }
}

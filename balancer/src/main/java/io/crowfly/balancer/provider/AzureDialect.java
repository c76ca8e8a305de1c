package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.netty.handler.codec.http.HttpHeaders;

/** Azure's v1 API: OpenAI's paths under {@code /openai}. */
final class AzureDialect implements Dialect {

    private final String prefix;
    private final String authority;
    private final Credential credential;

    AzureDialect(Backend backend) {
        prefix = Targets.prefix(backend) + "/openai";
        authority = Targets.authority(backend);
        credential = backend.credential();
    }

    @Override
    public boolean serves(String target) {
        return target.startsWith("/v1/") && !Targets.isEvasive(target);
    }

    @Override
    public String target(String target) {
        return prefix + target;
    }

    @Override
    public boolean takesTrailers() {
        return false;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public void prepare(HttpHeaders headers) {
        Withheld.removeFrom(headers);
        Credentials.replace(headers, credential);
    }
}

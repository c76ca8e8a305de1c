package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.probes.Api;
import io.netty.handler.codec.http.HttpHeaders;

/** A plain OpenAI-compatible endpoint: paths and bodies pass as they are, and so does the client's credential unless we have one. */
final class OpenAiDialect implements Dialect {

    private final String prefix;
    private final String authority;
    private final Credential credential;

    OpenAiDialect(Backend backend) {
        prefix = Targets.prefix(backend);
        authority = Targets.authority(backend);
        credential = backend.credential();
    }

    @Override
    public boolean serves(String target) {
        // Without a prefix there is no part of the backend that a client could leave.
        return prefix.isEmpty() || !Targets.isEvasive(target);
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public String target(String target) {
        return prefix.isEmpty() ? target : prefix + target;
    }

    @Override
    public boolean takesTrailers() {
        return true;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public boolean showsOurCredential() {
        return !(credential instanceof Credential.None);
    }

    @Override
    public void prepare(HttpHeaders headers) {
        if (!(credential instanceof Credential.None)) {
            Credentials.replace(headers, credential);
        }
    }
}

package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.netty.handler.codec.http.HttpHeaders;

/** What Azure and Google have in common: they see our credential and nothing of who asked, or how. */
abstract class CloudDialect implements Dialect {

    private final String authority;
    private final Credential credential;

    CloudDialect(Backend backend) {
        authority = Targets.authority(backend);
        credential = backend.credential();
    }

    @Override
    public final boolean takesTrailers() {
        return false;
    }

    @Override
    public final String authority() {
        return authority;
    }

    /** Or none at all: a client's own never gets through. */
    @Override
    public final boolean showsOurCredential() {
        return true;
    }

    @Override
    public final void prepare(HttpHeaders headers) {
        Withheld.removeFrom(headers);
        Credentials.replace(headers, credential);
    }
}

package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.provider.Heads.Cloud;
import io.crowfly.conf.Backend;
import io.crowfly.conf.SecretSource;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;

/** What every dialect has: an authority, and a way with headers that is its provider's. */
abstract class BackendDialect implements Dialect {

    private final String authority;
    private final Cloud cloud;
    private final Heads heads;

    BackendDialect(Backend backend, Cloud cloud, Function<SecretSource, String> secrets) {
        authority = Targets.authority(backend);
        this.cloud = cloud;
        heads = new Heads(backend, cloud, secrets);
    }

    @Override
    public final boolean translatesErrors() {
        return cloud != Cloud.NONE;
    }

    @Override
    public final boolean takesTrailers() {
        return cloud == Cloud.NONE;
    }

    @Override
    public final String authority() {
        return authority;
    }

    @Override
    public final void prepare(HttpHeaders headers, Shown shown) {
        heads.prepare(headers, shown);
    }

    /** A parameter of a query; empty if it has no value. */
    static String parameter(String name, String value) {
        return value.isEmpty() ? "" : name + '=' + PercentCoding.encode(value);
    }
}

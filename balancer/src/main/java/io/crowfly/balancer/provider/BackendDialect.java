package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.provider.RequestHeaders.Cloud;
import io.crowfly.conf.Backend;
import io.crowfly.conf.value.SecretSource;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;

/** Base of all dialects: implements what depends only on the cloud, such as header rules and the authority. */
abstract class BackendDialect implements Dialect {

    private final String authority;
    private final Cloud cloud;
    private final RequestHeaders requestHeaders;

    BackendDialect(Backend backend, Cloud cloud, Function<SecretSource, String> secrets) {
        authority = RequestTargets.authority(backend);
        this.cloud = cloud;
        requestHeaders = new RequestHeaders(backend, cloud, secrets);
    }

    @Override
    public final boolean translatesErrors() {
        return cloud != Cloud.NONE;
    }

    @Override
    public final boolean acceptsTrailers() {
        return cloud == Cloud.NONE;
    }

    @Override
    public final String authority() {
        return authority;
    }

    @Override
    public final void prepareHeaders(HttpHeaders headers, AttachedCredential attached) {
        requestHeaders.prepare(headers, attached);
    }

    /** Returns a query parameter; empty if the value is empty. */
    static String parameter(String name, String value) {
        return value.isEmpty() ? "" : name + '=' + PercentEncoding.encode(value);
    }
}

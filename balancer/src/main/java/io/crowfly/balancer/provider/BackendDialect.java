package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.SecretSource;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Base of all dialects: the authority of the backend, and the rules of its provider for headers and parameters. */
abstract class BackendDialect implements Dialect {

    private final String authority;
    private final Cloud cloud;
    private final RequestHeaders requestHeaders;
    private final Predicate<String> parameters;

    /** @param knownParameters names of the query parameters that the backend's API knows */
    BackendDialect(Backend backend, Cloud cloud, NameSet knownParameters, Function<SecretSource, String> secrets) {
        authority = RequestTargets.authority(backend);
        this.cloud = cloud;
        requestHeaders = new RequestHeaders(backend, cloud, secrets);
        List<Glob> passed = backend.headers().pass();
        if (cloud != Cloud.NONE) {
            parameters = NameFilter.passingOnly(knownParameters, passed)::passesParameter;
        } else if (backend.credential() instanceof Credential.Passthrough) {
            parameters = name -> true;
        } else {
            parameters = NameFilter.withholdingCredentials(knownParameters, passed)::passesParameter;
        }
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

    @Override
    public final void prepareTrailers(HttpHeaders trailers) {
        requestHeaders.prepareTrailers(trailers);
    }

    /** Returns the part of the client's query that the backend receives; may be empty. */
    final String query(ClientTarget target) {
        return Query.retain(target.query(), parameters);
    }

    /** Returns a query parameter; empty if the value is empty. */
    static String parameter(String name, String value) {
        return value.isEmpty() ? "" : name + '=' + PercentEncoding.encode(value);
    }
}

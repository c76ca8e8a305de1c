package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;

/**
 * Dialect of a simulated plain OpenAI-compatible service, with or without a credential, at {@code /v1} or another base
 * path.
 */
record OpenAiEndpointDialect(AccessPolicy accessPolicy, String basePath) implements EndpointDialect {

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<String> operation = accessPolicy.operationBelow(basePath + "/", uri.path());
        if (operation.isEmpty()) {
            return EndpointRefusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<EndpointRefusal> refusal = accessPolicy.check(headers);
        return refusal.isPresent() ? refusal.get() : RequestedOperation.withoutModel(operation.get());
    }

    @Override
    public String toString() {
        return name();
    }
}

package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;

/** A plain OpenAI-compatible service, with or without a credential, at {@code /v1} or another base path. */
record OpenAiDialect(AccessPolicy accessPolicy, String basePath) implements Dialect {

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<String> operation = accessPolicy.operationBelow(basePath + "/", uri.path());
        if (operation.isEmpty()) {
            return Refusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<Refusal> refusal = accessPolicy.check(headers);
        return refusal.isPresent() ? refusal.get() : Operation.withoutModel(operation.get());
    }

    @Override
    public String toString() {
        return name();
    }
}

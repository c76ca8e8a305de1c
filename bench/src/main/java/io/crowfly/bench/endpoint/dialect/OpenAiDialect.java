package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A plain OpenAI-compatible service, with or without a credential, at {@code /v1} or another base path. */
record OpenAiDialect(AccessPolicy accessPolicy, String basePath) implements Dialect {

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public String fixtureFolder() {
        return "openai";
    }

    @Override
    public Set<Api> apis() {
        return EnumSet.allOf(Api.class);
    }

    @Override
    public boolean storesObjects() {
        return true;
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        String root = basePath + "/";
        Optional<String> operation = accessPolicy
                .pathBelowPrefix(uri.path())
                .filter(path -> path.startsWith(root))
                .map(path -> path.substring(root.length()));
        if (operation.isEmpty()) {
            return Refusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<Refusal> refusal = accessPolicy.check(headers);
        return refusal.isPresent() ? refusal.get() : Operation.withoutModel(operation.get());
    }

    @Override
    public int tokensPerBurst() {
        return 1;
    }

    @Override
    public String toString() {
        return name();
    }
}

package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A plain OpenAI-compatible service, with or without a key, at {@code /v1} or below a path of its own. */
record OpenAiDialect(Terms terms, String basePath) implements Dialect {

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public String fixtures() {
        return "openai";
    }

    @Override
    public Set<Api> serves() {
        return EnumSet.allOf(Api.class);
    }

    @Override
    public boolean keepsState() {
        return true;
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        String root = basePath + "/";
        Optional<String> operation = terms.below(uri.path())
                .filter(path -> path.startsWith(root))
                .map(path -> path.substring(root.length()));
        if (operation.isEmpty()) {
            return Refusal.of(404, "no such path: " + uri.path());
        }
        Optional<Refusal> refusal = terms.refusal(headers);
        return refusal.isPresent() ? refusal.get() : Operation.of(operation.get());
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

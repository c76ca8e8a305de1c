package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A plain OpenAI-compatible service, with or without a key. */
record OpenAiDialect(Optional<String> bearer) implements Dialect {

    private static final String ROOT = "/v1/";

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public Optional<String> operation(String path) {
        return path.startsWith(ROOT) ? Optional.of(path.substring(ROOT.length())) : Optional.empty();
    }

    @Override
    public Set<Api> serves() {
        return EnumSet.allOf(Api.class);
    }

    @Override
    public OptionalInt refusal(HttpRequest request) {
        boolean welcome = bearer.map(
                        key -> ("Bearer " + key).equals(request.headers().get("authorization")))
                .orElse(true);
        return welcome ? OptionalInt.empty() : OptionalInt.of(401);
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

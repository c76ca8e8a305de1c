package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Azure's v1 surface. It refuses requests with more than ten custom headers, and lets go of tokens in bursts. */
record AzureDialect(String apiKey) implements Dialect {

    private static final String ROOT = "/openai/v1/";
    private static final int MOST_CUSTOM_HEADERS = 10;

    /** As its default content filter does, only with smaller blocks, so that short answers have several too. */
    private static final int TOKENS_PER_BURST = 4;

    @Override
    public String name() {
        return "azure";
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
        if (RequestHeaders.countCustom(request.headers()) > MOST_CUSTOM_HEADERS) {
            return OptionalInt.of(431);
        }
        return apiKey.equals(request.headers().get("api-key")) ? OptionalInt.empty() : OptionalInt.of(401);
    }

    @Override
    public int tokensPerBurst() {
        return TOKENS_PER_BURST;
    }

    @Override
    public String toString() {
        return name();
    }
}

package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The OpenAI-compatible surface of Google's Gemini API. Its responses have the form of Vertex's; model names have no
 * publisher.
 */
record GeminiDialect(AccessPolicy accessPolicy) implements Dialect {

    private static final String ROOT = "/v1beta/openai/";

    @Override
    public String name() {
        return "gemini";
    }

    @Override
    public String fixtureFolder() {
        return "google";
    }

    @Override
    public Set<Api> apis() {
        return EnumSet.of(Api.CHAT, Api.EMBEDDINGS, Api.IMAGES, Api.MODELS, Api.SINK, Api.BLOB);
    }

    @Override
    public boolean storesObjects() {
        return false;
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<String> operation = accessPolicy
                .pathBelowPrefix(uri.path())
                .filter(path -> path.startsWith(ROOT))
                .map(path -> path.substring(ROOT.length()));
        if (operation.isEmpty()) {
            return Refusal.withStatus(404, "no such path: " + uri.path());
        }
        // Google maps each query parameter to a field, and this field does not exist. The parameter comes from clients
        // of another cloud.
        if (uri.parameters().containsKey("api-version")) {
            return Refusal.withStatus(400, "no such parameter: api-version");
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

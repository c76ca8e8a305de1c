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
        Optional<String> operation = accessPolicy.operationBelow(ROOT, uri.path());
        if (operation.isEmpty()) {
            return Refusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<Refusal> refusal =
                GoogleParameters.check(uri).or(() -> accessPolicy.check(headers));
        return refusal.isPresent() ? refusal.get() : Operation.withoutModel(operation.get());
    }

    @Override
    public String toString() {
        return name();
    }
}

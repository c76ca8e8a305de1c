package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Dialect of a simulated Gemini API endpoint (its OpenAI-compatible part). Responses have the same form as Vertex AI's;
 * model names have no publisher.
 */
record GeminiEndpointDialect(AccessPolicy accessPolicy) implements EndpointDialect {

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
    public Set<ApiOperation> apis() {
        return EnumSet.of(
                ApiOperation.CHAT,
                ApiOperation.EMBEDDINGS,
                ApiOperation.IMAGES,
                ApiOperation.MODELS,
                ApiOperation.SINK,
                ApiOperation.BLOB);
    }

    @Override
    public boolean storesObjects() {
        return false;
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<String> operation = accessPolicy.operationBelow(ROOT, uri.path());
        if (operation.isEmpty()) {
            return EndpointRefusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<EndpointRefusal> refusal = GoogleQueryCheck.check(uri).or(() -> accessPolicy.check(headers));
        return refusal.isPresent() ? refusal.get() : RequestedOperation.withoutModel(operation.get());
    }

    @Override
    public String toString() {
        return name();
    }
}

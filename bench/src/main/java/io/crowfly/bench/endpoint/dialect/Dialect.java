package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Set;

/** Where a kind of provider differs from the others: its paths, what it lets in, and the manner of its answers. */
public sealed interface Dialect permits AzureDialect, VertexDialect, GeminiDialect, OpenAiDialect {

    /** Azure; every request needs the header {@code api-key} with this key. */
    static Dialect azure(String apiKey) {
        return azure(AccessPolicy.open().withApiKey(apiKey));
    }

    /** Azure's v1 surface and its classic one, with deployments for models. */
    static Dialect azure(AccessPolicy accessPolicy) {
        return new AzureDialect(accessPolicy);
    }

    /** Google's OpenAI-compatible surface of Vertex, for any project; every request needs this bearer token. */
    static Dialect google(String bearer) {
        return new VertexDialect(AccessPolicy.open().withBearer(bearer), VertexDialect.Scope.ANY);
    }

    /** Vertex for one project and location, and below one endpoint there: {@code openapi} or the id of one. */
    static Dialect vertex(AccessPolicy accessPolicy, String project, String location, String endpoint) {
        return new VertexDialect(accessPolicy, new VertexDialect.Scope(project, location, endpoint));
    }

    /** Google's Gemini API. */
    static Dialect gemini(AccessPolicy accessPolicy) {
        return new GeminiDialect(accessPolicy);
    }

    /** A plain OpenAI-compatible service that asks for nothing. */
    static Dialect openai() {
        return openai(AccessPolicy.open(), "/v1");
    }

    /** A plain OpenAI-compatible service that wants this bearer token. */
    static Dialect openai(String bearer) {
        return openai(AccessPolicy.open().withBearer(bearer), "/v1");
    }

    /** @param basePath what stands for {@code /v1} there: {@code /api/paas/v4} */
    static Dialect openai(AccessPolicy accessPolicy, String basePath) {
        return new OpenAiDialect(accessPolicy, basePath);
    }

    String name();

    /** The folder of its fixtures. */
    String fixtureFolder();

    Set<Api> apis();

    /** Whether it keeps objects for later requests: responses, files and so on. */
    boolean storesObjects();

    AccessPolicy accessPolicy();

    /** What a request of this method and address with these headers wants, or why it is refused. */
    Resolution resolve(QueryStringDecoder uri, HttpHeaders headers);

    /** How many tokens of a stream leave together. */
    int tokensPerBurst();
}

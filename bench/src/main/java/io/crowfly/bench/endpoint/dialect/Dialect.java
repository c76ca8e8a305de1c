package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Set;

/** The differences of one kind of provider: its paths, the requests that it accepts, and the form of its responses. */
public sealed interface Dialect permits AzureDialect, VertexDialect, GeminiDialect, OpenAiDialect {

    /** Returns an Azure endpoint; every request needs the header {@code api-key} with this key. */
    static Dialect azure(String apiKey) {
        return azure(AccessPolicy.open().withApiKey(apiKey));
    }

    /** Returns an Azure endpoint with the v1 and the classic surface; the models of the policy are its deployments. */
    static Dialect azure(AccessPolicy accessPolicy) {
        return new AzureDialect(accessPolicy);
    }

    /** Returns Vertex's OpenAI-compatible surface for any project; every request needs this bearer token. */
    static Dialect google(String bearer) {
        return new VertexDialect(AccessPolicy.open().withBearer(bearer), VertexDialect.Scope.ANY);
    }

    /**
     * Returns Vertex for one project and location.
     *
     * @param endpoint {@code openapi}, or the id of a dedicated endpoint
     */
    static Dialect vertex(AccessPolicy accessPolicy, String project, String location, String endpoint) {
        return new VertexDialect(accessPolicy, new VertexDialect.Scope(project, location, endpoint));
    }

    /** Returns Google's Gemini API. */
    static Dialect gemini(AccessPolicy accessPolicy) {
        return new GeminiDialect(accessPolicy);
    }

    /** Returns a plain OpenAI-compatible service that needs no credential. */
    static Dialect openai() {
        return openai(AccessPolicy.open(), "/v1");
    }

    /** Returns a plain OpenAI-compatible service that needs this bearer token. */
    static Dialect openai(String bearer) {
        return openai(AccessPolicy.open().withBearer(bearer), "/v1");
    }

    /**
     * Returns a plain OpenAI-compatible service.
     *
     * @param basePath the path in place of {@code /v1}, for example {@code /api/paas/v4}
     */
    static Dialect openai(AccessPolicy accessPolicy, String basePath) {
        return new OpenAiDialect(accessPolicy, basePath);
    }

    String name();

    /** Returns the folder of the dialect's fixtures. */
    default String fixtureFolder() {
        return name();
    }

    default Set<Api> apis() {
        return EnumSet.allOf(Api.class);
    }

    /** Returns whether the endpoint stores objects for later requests: responses, files and so on. */
    default boolean storesObjects() {
        return true;
    }

    AccessPolicy accessPolicy();

    /** Returns the operation of a request with this address and these headers, or the reason of its refusal. */
    Resolution resolve(QueryStringDecoder uri, HttpHeaders headers);

    /** Returns the number of tokens of a stream that are sent together. */
    default int tokensPerBurst() {
        return 1;
    }
}

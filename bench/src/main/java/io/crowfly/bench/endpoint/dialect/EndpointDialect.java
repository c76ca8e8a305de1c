package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Set;

/**
 * Dialect of a simulated endpoint: the paths of one provider, the requests that it accepts, and the form of its
 * responses.
 */
public sealed interface EndpointDialect
        permits AzureEndpointDialect, VertexEndpointDialect, GeminiEndpointDialect, OpenAiEndpointDialect {

    /** Returns the dialect of Azure. Every request needs the header {@code api-key} with this key. */
    static EndpointDialect azure(String apiKey) {
        return azure(AccessPolicy.open().withApiKey(apiKey));
    }

    /** Returns the dialect of Azure with the v1 and the classic API. The policy's models are the deployments. */
    static EndpointDialect azure(AccessPolicy accessPolicy) {
        return new AzureEndpointDialect(accessPolicy);
    }

    /** Returns the dialect of Vertex AI for any project. Every request needs this bearer token. */
    static EndpointDialect google(String bearer) {
        return new VertexEndpointDialect(AccessPolicy.open().withBearer(bearer), VertexEndpointDialect.Scope.ANY);
    }

    /**
     * Returns the dialect of Vertex AI for one project and location.
     *
     * @param endpoint {@code openapi}, or the id of a dedicated endpoint
     */
    static EndpointDialect vertex(AccessPolicy accessPolicy, String project, String location, String endpoint) {
        return new VertexEndpointDialect(accessPolicy, new VertexEndpointDialect.Scope(project, location, endpoint));
    }

    /** Returns the dialect of Google's Gemini API. */
    static EndpointDialect gemini(AccessPolicy accessPolicy) {
        return new GeminiEndpointDialect(accessPolicy);
    }

    /** Returns the dialect of a plain OpenAI-compatible service that needs no credential. */
    static EndpointDialect openai() {
        return openai(AccessPolicy.open(), "/v1");
    }

    /** Returns the dialect of a plain OpenAI-compatible service that needs this bearer token. */
    static EndpointDialect openai(String bearer) {
        return openai(AccessPolicy.open().withBearer(bearer), "/v1");
    }

    /**
     * Returns the dialect of a plain OpenAI-compatible service.
     *
     * @param basePath the path in place of {@code /v1}, for example {@code /api/paas/v4}
     */
    static EndpointDialect openai(AccessPolicy accessPolicy, String basePath) {
        return new OpenAiEndpointDialect(accessPolicy, basePath);
    }

    String name();

    /** Returns the name of the resource folder with the dialect's fixtures. */
    default String fixtureFolder() {
        return name();
    }

    default Set<ApiOperation> apis() {
        return EnumSet.allOf(ApiOperation.class);
    }

    /** Returns whether the endpoint stores objects for later requests: responses, files and so on. */
    default boolean storesObjects() {
        return true;
    }

    AccessPolicy accessPolicy();

    /** Returns the operation of a request with this URI and these headers, or a refusal. */
    Resolution resolve(QueryStringDecoder uri, HttpHeaders headers);

    /** Returns how many tokens of a stream are sent together. */
    default int tokensPerBurst() {
        return 1;
    }
}

package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Set;

/** The differences of one kind of provider: its paths, the requests that it accepts, and the form of its responses. */
public sealed interface EndpointDialect permits AzureEndpointDialect, VertexEndpointDialect, GeminiEndpointDialect, OpenAiEndpointDialect {

    /** Returns an Azure endpoint; every request needs the header {@code api-key} with this key. */
    static EndpointDialect azure(String apiKey) {
        return azure(AccessPolicy.open().withApiKey(apiKey));
    }

    /** Returns an Azure endpoint with the v1 and the classic surface; the models of the policy are its deployments. */
    static EndpointDialect azure(AccessPolicy accessPolicy) {
        return new AzureEndpointDialect(accessPolicy);
    }

    /** Returns Vertex's OpenAI-compatible surface for any project; every request needs this bearer token. */
    static EndpointDialect google(String bearer) {
        return new VertexEndpointDialect(AccessPolicy.open().withBearer(bearer), VertexEndpointDialect.Scope.ANY);
    }

    /**
     * Returns Vertex for one project and location.
     *
     * @param endpoint {@code openapi}, or the id of a dedicated endpoint
     */
    static EndpointDialect vertex(AccessPolicy accessPolicy, String project, String location, String endpoint) {
        return new VertexEndpointDialect(accessPolicy, new VertexEndpointDialect.Scope(project, location, endpoint));
    }

    /** Returns Google's Gemini API. */
    static EndpointDialect gemini(AccessPolicy accessPolicy) {
        return new GeminiEndpointDialect(accessPolicy);
    }

    /** Returns a plain OpenAI-compatible service that needs no credential. */
    static EndpointDialect openai() {
        return openai(AccessPolicy.open(), "/v1");
    }

    /** Returns a plain OpenAI-compatible service that needs this bearer token. */
    static EndpointDialect openai(String bearer) {
        return openai(AccessPolicy.open().withBearer(bearer), "/v1");
    }

    /**
     * Returns a plain OpenAI-compatible service.
     *
     * @param basePath the path in place of {@code /v1}, for example {@code /api/paas/v4}
     */
    static EndpointDialect openai(AccessPolicy accessPolicy, String basePath) {
        return new OpenAiEndpointDialect(accessPolicy, basePath);
    }

    String name();

    /** Returns the folder of the dialect's fixtures. */
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

    /** Returns the operation of a request with this address and these headers, or the reason of its refusal. */
    Resolution resolve(QueryStringDecoder uri, HttpHeaders headers);

    /** Returns the number of tokens of a stream that are sent together. */
    default int tokensPerBurst() {
        return 1;
    }
}

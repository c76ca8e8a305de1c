package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.AccessPolicy;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Checks which requests an endpoint accepts, by path, credential, model and headers. */
class AccessPolicyTest {

    private static final String CLASSIC = "/openai/deployments/gpt-4o-weu/chat/completions?api-version=2024-10-21";
    private static final String VERTEX = "/v1/projects/p1/locations/europe-west4/endpoints/openapi/chat/completions";

    private static SimulatedEndpoint open(EndpointDialect dialect) throws Exception {
        return SimulatedEndpoint.open(EndpointSpec.of(dialect));
    }

    private static SimulatedEndpoint azure() throws Exception {
        return open(EndpointDialect.azure(AccessPolicy.open().withApiKey("k").withModels("gpt-4o-weu", "emb-weu")));
    }

    @Test
    void azureV1TakesTheDeploymentFromTheBody() throws Exception {
        try (SimulatedEndpoint azure = azure()) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            assertThat(caller.post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o-weu"))
                            .statusCode())
                    .isEqualTo(200);
            var unknown = caller.post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(unknown.body()).contains("DeploymentNotFound");
            assertThat(azure.statistics().models())
                    .containsEntry("gpt-4o-weu", 1L)
                    .containsEntry("gpt-4o", 1L);
            assertThat(azure.statistics().refusals()).containsOnlyKeys("404 no such model: gpt-4o");
        }
    }

    @Test
    void azureClassicTakesTheDeploymentFromThePath() throws Exception {
        try (SimulatedEndpoint azure = azure()) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            // The classic surface ignores the model in the body.
            var response = caller.post(CLASSIC, EndpointClient.chatBody("gpt-4o"));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("\"model\":\"gpt-4o-weu\"");
            assertThat(azure.statistics().models()).containsOnlyKeys("gpt-4o-weu");
            assertThat(caller.post(CLASSIC.replace("gpt-4o-weu", "gpt-4o"), EndpointClient.chatBody("gpt-4o-weu"))
                            .body())
                    .contains("DeploymentNotFound");
        }
    }

    @Test
    void azureSurfacesRefuseEachOthersApiVersions() throws Exception {
        try (SimulatedEndpoint azure = azure()) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            String body = EndpointClient.chatBody("gpt-4o-weu");
            assertThat(caller.post(EndpointClient.AZURE_CHAT + "?api-version=preview", body)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(caller.post(EndpointClient.AZURE_CHAT + "?api-version=2024-10-21", body)
                            .statusCode())
                    .isEqualTo(400);
            assertThat(caller.post(CLASSIC.replaceFirst("\\?.*", ""), body).statusCode())
                    .isEqualTo(404);
            assertThat(caller.post("/openai/responses?api-version=2025-04-01-preview", body)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(caller.post("/openai/chat/completions?api-version=2024-10-21", body)
                            .statusCode())
                    .isEqualTo(404);
            assertThat(caller.post(CLASSIC.replace("chat/completions", "responses"), body)
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void azureDistinguishesAWrongTokenFromAWrongKey() throws Exception {
        try (SimulatedEndpoint azure =
                open(EndpointDialect.azure(AccessPolicy.open().withBearer("entra")))) {
            assertThat(chat(azure, "authorization", "Bearer entra").statusCode())
                    .isEqualTo(200);
            assertThat(chat(azure, "authorization", "Bearer other").body()).startsWith("{\"statusCode\":401");
            assertThat(chat(azure, "api-key", "other").body()).contains("\"code\":\"401\"");
        }
    }

    @Test
    void aSecondCredentialIsRefused() throws Exception {
        try (SimulatedEndpoint azure = azure()) {
            var response = chat(azure, "api-key", "k", "authorization", "Bearer a-client-key");
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(azure.statistics().refusals()).containsOnlyKeys("401 more than one credential");
            assertThat(azure.statistics().toString()).doesNotContain("a-client-key");
        }
    }

    private static HttpResponse<String> chat(SimulatedEndpoint azure, String... headers) throws Exception {
        return new EndpointClient(azure, headers)
                .post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o-weu"));
    }

    @Test
    void aGatewayAddsAPathPrefix() throws Exception {
        try (SimulatedEndpoint azure =
                open(EndpointDialect.azure(AccessPolicy.open().withApiKey("k").withPrefix("/apim/gw")))) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            assertThat(caller.get("/apim/gw/openai/v1/models").statusCode()).isEqualTo(200);
            assertThat(caller.get("/openai/v1/models").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void vertexRequiresProjectLocationAndPublisher() throws Exception {
        AccessPolicy policy = AccessPolicy.open().withBearer("t").withModels("google/gemini-2.5-flash");
        try (SimulatedEndpoint google = open(EndpointDialect.vertex(policy, "p1", "europe-west4", "openapi"))) {
            EndpointClient caller = new EndpointClient(google, "authorization", "Bearer t");
            String right = EndpointClient.chatBody("google/gemini-2.5-flash");
            assertThat(caller.post(VERTEX, right).statusCode()).isEqualTo(200);
            assertThat(caller.post(VERTEX.replace("/v1/", "/v1beta1/"), right).statusCode())
                    .isEqualTo(200);
            assertThat(caller.post(VERTEX, EndpointClient.chatBody("gemini-2.5-flash"))
                            .body())
                    .startsWith("[{\"error\":{\"code\":404");
            assertThat(caller.post(VERTEX + "?api-version=2024-10-21", right).statusCode())
                    .isEqualTo(400);
            assertThat(caller.post(VERTEX.replace("p1", "p2"), right).statusCode())
                    .isEqualTo(403);
            assertThat(caller.post(VERTEX.replace("openapi", "123"), right).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aDedicatedModelIsBelowItsEndpointId() throws Exception {
        try (SimulatedEndpoint google =
                open(EndpointDialect.vertex(AccessPolicy.open().withBearer("t"), "p1", "europe-west4", "123"))) {
            EndpointClient caller = new EndpointClient(google, "authorization", "Bearer t");
            assertThat(caller.post(VERTEX.replace("openapi", "123"), EndpointClient.chatBody("m"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void geminiAcceptsNamesWithoutPublisherAndHasEmbeddings() throws Exception {
        AccessPolicy policy =
                AccessPolicy.open().withBearer("g").withModels("gemini-2.5-flash", "gemini-embedding-001");
        try (SimulatedEndpoint gemini = open(EndpointDialect.gemini(policy))) {
            EndpointClient caller = new EndpointClient(gemini, "authorization", "Bearer g");
            String chat = "/v1beta/openai/chat/completions";
            assertThat(caller.post(chat, EndpointClient.chatBody("gemini-2.5-flash"))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(caller.post(chat, EndpointClient.chatBody("google/gemini-2.5-flash"))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(caller.post("/v1beta/openai/embeddings", "{\"input\":\"x\",\"model\":\"gemini-embedding-001\"}")
                            .body())
                    .contains("\"object\":\"embedding\"");
            assertThat(caller.get("/v1beta/openai/files").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aCompatibleServiceMayRequireItsOwnPathKeyAndHeader() throws Exception {
        AccessPolicy policy = AccessPolicy.open().withApiKey("k").withHeader("x-project", "abc");
        try (SimulatedEndpoint openai = open(EndpointDialect.openai(policy, "/api/paas/v4"))) {
            String chat = "/api/paas/v4/chat/completions";
            EndpointClient caller = new EndpointClient(openai, "api-key", "k", "x-project", "abc");
            assertThat(caller.post(chat, EndpointClient.chatBody("m")).statusCode())
                    .isEqualTo(200);
            assertThat(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m"))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(new EndpointClient(openai, "api-key", "k")
                            .post(chat, EndpointClient.chatBody("m"))
                            .statusCode())
                    .isEqualTo(400);
            HttpRequest other = new EndpointClient(openai, "api-key", "K", "x-project", "abc")
                    .request(chat)
                    .POST(HttpRequest.BodyPublishers.ofString(EndpointClient.chatBody("m")))
                    .build();
            assertThat(caller.send(other).statusCode()).isEqualTo(401);
        }
    }
}

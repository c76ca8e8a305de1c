package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;

class EndpointDialectTest {

    @Test
    void azureRequiresItsKey() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k1")))) {
            var none = new EndpointClient(azure).post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            assertThat(none.statusCode()).isEqualTo(401);
            assertThat(none.body()).contains("\"code\":\"401\"");
            assertThat(none.headers().firstValue("apim-request-id")).isPresent();

            var wrong = new EndpointClient(azure, "api-key", "k2")
                    .post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            assertThat(wrong.statusCode()).isEqualTo(401);

            var right = new EndpointClient(azure, "api-key", "k1")
                    .post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            assertThat(right.statusCode()).isEqualTo(200);
            assertThat(right.body()).contains("\"model\":\"gpt-4o\"", "\"content\":\"Oslo is the capital");
            assertThat(right.headers().firstValue("x-ms-deployment-name")).hasValue("gpt-4o");
        }
    }

    @Test
    void azureRefusesMoreThanTenCustomHeaders() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k1")))) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k1");
            HttpRequest.Builder ten = caller.request("/openai/v1/models").header("accept", "*/*");
            for (int i = 0; i < 10; i++) {
                ten.header("x-stainless-" + i, "v");
            }
            assertThat(caller.send(ten.build()).statusCode()).isEqualTo(200);
            assertThat(caller.send(ten.copy()
                                    .header("x-forwarded-for", "192.0.2.1")
                                    .build())
                            .statusCode())
                    .isEqualTo(431);
        }
    }

    @Test
    void azureServesNothingOutsideItsRoot() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k1")))) {
            var response = new EndpointClient(azure, "api-key", "k1")
                    .post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("gpt-4o"));
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(response.body()).contains("DeploymentNotFound");
        }
    }

    @Test
    void azureListsModelsForProbes() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k1")))) {
            var response = new EndpointClient(azure, "api-key", "k1").get("/openai/v1/models");
            assertThat(response.body()).contains("\"object\":\"list\"");
        }
    }

    @Test
    void googleRequiresItsBearerToken() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t1")))) {
            var none = new EndpointClient(google)
                    .post(EndpointClient.GOOGLE_CHAT, EndpointClient.chatBody("google/gemini"));
            assertThat(none.statusCode()).isEqualTo(401);
            assertThat(none.body()).contains("\"status\":\"UNAUTHENTICATED\"");
            assertThat(none.headers().firstValue("www-authenticate")).isPresent();

            var right = new EndpointClient(google, "authorization", "Bearer t1")
                    .post(EndpointClient.GOOGLE_CHAT, EndpointClient.chatBody("google/gemini"));
            assertThat(right.statusCode()).isEqualTo(200);
            assertThat(right.body()).contains("\"model\":\"google/gemini\"");
            assertThat(right.headers().allValues("vary")).contains("Origin");
        }
    }

    @Test
    void googleWrapsErrorsOfStreamRequestsInAnArray() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t1")))) {
            EndpointClient caller = new EndpointClient(google, "authorization", "Bearer t1");
            var plain = caller.post(EndpointClient.GOOGLE_CHAT, EndpointClient.chatBody("google/sim-429"));
            assertThat(plain.statusCode()).isEqualTo(429);
            assertThat(plain.body()).startsWith("{\"error\":");

            var streamed = caller.post(EndpointClient.GOOGLE_CHAT, EndpointClient.streamedChatBody("google/sim-429"));
            assertThat(streamed.statusCode()).isEqualTo(429);
            assertThat(streamed.body()).startsWith("[{\"error\":").contains("RetryInfo");
            assertThat(streamed.headers().firstValue("content-type")).hasValue("text/event-stream");
        }
    }

    @Test
    void googleHasNoEmbeddings() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t1")))) {
            var response = new EndpointClient(google, "authorization", "Bearer t1")
                    .post(EndpointClient.GOOGLE_CHAT.replace("chat/completions", "embeddings"), "{}");
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(response.body()).contains("\"status\":\"NOT_FOUND\"");
        }
    }

    @Test
    void openaiRequiresAKeyOnlyIfConfigured() throws Exception {
        try (SimulatedEndpoint open = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                SimulatedEndpoint keyed = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai("sk-1")))) {
            assertThat(new EndpointClient(open)
                            .post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m"))
                            .statusCode())
                    .isEqualTo(200);
            var refused = new EndpointClient(keyed).post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m"));
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).contains("invalid_api_key");
        }
    }

    @Test
    void invalidJsonIsRefusedInTheDialectsForm() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            for (String body : new String[] {"", "[]", "{\"model\":", "{}{}", "{\"model\":\"m\"} x"}) {
                var response = caller.post(EndpointClient.OPENAI_CHAT, body);
                assertThat(response.statusCode()).as(body).isEqualTo(400);
                assertThat(response.body()).contains("\"error\"");
            }
        }
    }
}

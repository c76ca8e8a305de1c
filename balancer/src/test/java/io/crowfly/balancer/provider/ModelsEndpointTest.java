package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Models;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsEndpointTest {

    private static final Models NAMED = new Models(Map.of("gpt-4o", "weu", "google/gemini", "gemini", "o3*", "o3"));
    private static final Models MORE = new Models(Map.of("gpt-4o", "other", "embed", "embed"));

    private static final String GPT = "{\"id\":\"gpt-4o\",\"object\":\"model\",\"created\":0,\"owned_by\":\"crowfly\"}";
    private static final String EMBED = GPT.replace("gpt-4o", "embed");
    private static final String GEMINI = GPT.replace("gpt-4o", "google/gemini");

    private static String respond(ModelsEndpoint models, String target) {
        return models.respond(HttpMethod.GET, ClientTarget.parse(target))
                .map(response -> response.status() + " " + new String(response.body(), StandardCharsets.UTF_8))
                .orElse("");
    }

    private static ModelsEndpoint endpoint(Models... models) {
        return new ModelsEndpoint(List.of(models), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/models", "/v1/models?limit=1", "/openai/v1/models", "/openai/models?api-version=2024-10-21"
            })
    void listsEveryNameInTheConf(String target) {
        assertThat(respond(endpoint(NAMED, MORE), target))
                .isEqualTo("200 {\"object\":\"list\",\"data\":[" + EMBED + ',' + GEMINI + ',' + GPT + "]}");
    }

    @Test
    void describesOneModel() {
        ModelsEndpoint models = endpoint(NAMED, MORE);
        assertThat(respond(models, "/v1/models/gpt-4o")).isEqualTo("200 " + GPT);
        assertThat(respond(models, "/v1/models/google%2Fgemini")).isEqualTo("200 " + GEMINI);
        assertThat(respond(models, "/v1/models/google/gemini")).isEqualTo("200 " + GEMINI);
        assertThat(respond(models, "/openai/models/gpt-4o?api-version=1")).isEqualTo("200 " + GPT);
        assertThat(respond(models, "/v1/models/o3-mini")).isEqualTo("200 " + GPT.replace("gpt-4o", "o3-mini"));
    }

    @Test
    void respondsWithOpenAisErrorForAnUnknownModel() {
        assertThat(respond(endpoint(NAMED, MORE), "/v1/models/gpt-nope"))
                .isEqualTo(
                        "404 {\"error\":{\"message\":\"The model `gpt-nope` does not exist or you do not have access to "
                                + "it.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}");
    }

    @Test
    void describesAModelThatMatchesAPrefixEvenIfOtherBackendsTakeAnyModel() {
        String mini = "200 " + GPT.replace("gpt-4o", "o3-mini");
        Models beginning = new Models(Map.of("o3*", "o3"));
        assertThat(respond(new ModelsEndpoint(List.of(NAMED), true), "/v1/models/o3-mini"))
                .isEqualTo(mini);
        assertThat(respond(endpoint(NAMED, Models.ALL), "/v1/models/o3-mini")).isEqualTo(mini);
        assertThat(respond(endpoint(beginning), "/v1/models/o3-mini")).isEqualTo(mini);
        assertThat(respond(endpoint(beginning), "/v1/models/gpt-nope")).startsWith("404 ");
    }

    @Test
    void leavesModelsThatTheConfDoesNotListToTheBackends() {
        assertThat(respond(endpoint(Models.ALL), "/v1/models")).isEmpty();
        assertThat(respond(endpoint(Models.ALL), "/v1/models/gpt-4o")).isEmpty();
        assertThat(respond(endpoint(new Models(Map.of("o3*", "o3"))), "/v1/models"))
                .isEmpty();
        assertThat(respond(endpoint(NAMED, Models.ALL), "/v1/models/gpt-nope")).isEmpty();
        assertThat(respond(endpoint(NAMED, Models.ALL), "/v1/models/gpt-4o")).isEqualTo("200 " + GPT);
        assertThat(respond(new ModelsEndpoint(List.of(NAMED), true), "/v1/models/gpt-nope"))
                .isEmpty();
        assertThat(respond(endpoint(NAMED), "/v1/chat/completions")).isEmpty();
        assertThat(respond(endpoint(NAMED), "/model")).isEmpty();
    }
}

package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that a model with functions calls the first of them, and sends text once it has the result. */
class ToolCallTest {

    private static final String CHAT_TOOLS =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"description\":\"d\",\"parameters\":{\"type\":\"object\","
                    + "\"properties\":{\"name\":{\"type\":\"string\"}}},\"name\":\"weather\"}}]";
    private static final String CHAT_WITHOUT_RESULT =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],";
    private static final String CHAT_WITH_RESULT =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
                    + "{\"role\":\"tool\",\"content\":\"rain\"}],";

    @Test
    void aChatCallsAToolAndThenSendsText() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            assertThat(caller.post(EndpointClient.OPENAI_CHAT, CHAT_WITHOUT_RESULT + CHAT_TOOLS + "}")
                            .body())
                    .contains(
                            "\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"",
                            "\"finish_reason\":\"tool_calls\"");
            assertThat(caller.post(EndpointClient.OPENAI_CHAT, CHAT_WITH_RESULT + CHAT_TOOLS + "}")
                            .body())
                    .contains("\"content\":\"Oslo is the capital", "\"finish_reason\":\"stop\"");
        }
    }

    @Test
    void aStreamSendsTheArgumentsInPieces() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k")))) {
            List<String> events = EndpointClient.events(new EndpointClient(azure, "api-key", "k")
                    .post(EndpointClient.AZURE_CHAT, CHAT_WITHOUT_RESULT + CHAT_TOOLS + ",\"stream\":true}"));
            assertThat(events)
                    .filteredOn(event -> event.contains("\"tool_calls\":["))
                    .hasSize(6);
            assertThat(events).anyMatch(event -> event.contains("\"name\":\"weather\""));
        }
    }

    @Test
    void googleSendsTheWholeCallInOneEvent() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t")))) {
            List<String> events = EndpointClient.events(new EndpointClient(google, "authorization", "Bearer t")
                    .post(EndpointClient.GOOGLE_CHAT, CHAT_WITHOUT_RESULT + CHAT_TOOLS + ",\"stream\":true}"));
            // The call, finish reason, end.
            assertThat(events).hasSize(3).first().asString().contains("{\\\"city\\\":\\\"Oslo\\\"}");
        }
    }

    @Test
    void aResponseCallsAToolAndThenSendsText() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            String tools = "\"tools\":[{\"type\":\"function\",\"name\":\"weather\",\"parameters\":{}}]";
            assertThat(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\"," + tools + "}")
                            .body())
                    .contains("\"type\":\"function_call\"", "\"name\":\"weather\"");
            String result = "{\"model\":\"m\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\","
                    + "\"output\":\"rain\"}]," + tools + "}";
            assertThat(caller.post("/v1/responses", result).body()).contains("\"type\":\"output_text\"");
        }
    }
}

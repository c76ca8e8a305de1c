package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A model that is given functions calls the first of them, and talks once it has the result. */
class ToolsTest {

    private static final String CHAT_TOOLS =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"description\":\"d\",\"parameters\":{\"type\":\"object\","
                    + "\"properties\":{\"name\":{\"type\":\"string\"}}},\"name\":\"weather\"}}]";
    private static final String ASK = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],";
    private static final String TELL = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"role\":\"tool\",\"content\":\"rain\"}],";

    @Test
    void aChatCallsAndThenTalks() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            Caller caller = new Caller(openai);
            assertThat(caller.post(Caller.OPENAI_CHAT, ASK + CHAT_TOOLS + "}").body())
                    .contains(
                            "\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"",
                            "\"finish_reason\":\"tool_calls\"");
            assertThat(caller.post(Caller.OPENAI_CHAT, TELL + CHAT_TOOLS + "}").body())
                    .contains("\"content\":\"Oslo is the capital", "\"finish_reason\":\"stop\"");
        }
    }

    @Test
    void aStreamSaysTheArgumentsPieceByPiece() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(Dialect.azure("k")))) {
            List<String> events = Caller.events(
                    new Caller(azure, "api-key", "k").post(Caller.AZURE_CHAT, ASK + CHAT_TOOLS + ",\"stream\":true}"));
            assertThat(events)
                    .filteredOn(event -> event.contains("\"tool_calls\":["))
                    .hasSize(6);
            assertThat(events).anyMatch(event -> event.contains("\"name\":\"weather\""));
        }
    }

    @Test
    void googlesStreamSaysTheCallAtOnce() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(Dialect.google("t")))) {
            List<String> events = Caller.events(new Caller(google, "authorization", "Bearer t")
                    .post(Caller.GOOGLE_CHAT, ASK + CHAT_TOOLS + ",\"stream\":true}"));
            // The call, the reason to stop, the end.
            assertThat(events).hasSize(3).first().asString().contains("{\\\"city\\\":\\\"Oslo\\\"}");
        }
    }

    @Test
    void aResponseCallsAndThenTalks() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            Caller caller = new Caller(openai);
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

package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenStreamTest {

    @Test
    void azureSaysItsFilterFirstAndEndsWithDone() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(Dialect.azure("k")))) {
            List<String> events =
                    Caller.events(new Caller(azure, "api-key", "k").post(Caller.AZURE_CHAT, Caller.streamed("gpt-4o")));
            assertThat(events.get(0)).contains("\"choices\":[]", "prompt_filter_results", "\"model\":\"\"");
            assertThat(events.get(1)).contains("\"role\":\"assistant\"", "\"model\":\"gpt-4o\"");
            assertThat(events.get(2)).contains("\"content\":\"Oslo\"");
            // Filter, role, eight tokens, the reason to stop, the end.
            assertThat(events).hasSize(12).last().isEqualTo("[DONE]");
        }
    }

    @Test
    void googleBeginsWithContentAndEndsWithUsage() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(Dialect.google("t")))) {
            List<String> events = Caller.events(new Caller(google, "authorization", "Bearer t")
                    .post(Caller.GOOGLE_CHAT, Caller.streamed("google/gemini")));
            assertThat(events.get(0)).contains("\"content\":\"Oslo\"");
            assertThat(events.get(events.size() - 2)).contains("\"usage\":{\"completion_tokens\":8");
            assertThat(events).last().isEqualTo("[DONE]");
        }
    }

    @Test
    void usageComesOnlyWhenAskedFor() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            Caller caller = new Caller(openai);
            assertThat(caller.post(Caller.OPENAI_CHAT, Caller.streamed("m")).body())
                    .doesNotContain("usage");
            String asking = "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}";
            assertThat(caller.post(Caller.OPENAI_CHAT, asking).body()).contains("\"completion_tokens\":8");
        }
    }

    @Test
    void neverSaysMoreThanTheRequestAllows() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            String one = "{\"model\":\"m\",\"stream\":true,\"max_tokens\":1}";
            List<String> events = Caller.events(new Caller(openai).post(Caller.OPENAI_CHAT, one));
            // Role, one token, the reason to stop, the end.
            assertThat(events).hasSize(4);
        }
    }

    @Test
    void tokensArriveOneByOneInTheOrderOfTheScript() throws Exception {
        Behaviour slow =
                Behaviour.prompt().withBetweenTokens(Duration.ofMillis(5)).withTokens(30);
        try (SimulatedEndpoint openai =
                SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()).withBehaviour(slow))) {
            String body = new Caller(openai)
                    .post(Caller.OPENAI_CHAT, Caller.streamed("m"))
                    .body();
            StringBuilder said = new StringBuilder();
            for (String part : body.split("\"content\":\"")) {
                said.append(part, 0, Math.max(0, part.indexOf('"')));
            }
            assertThat(said.toString()).endsWith(Speech.words(30).whole());
        }
    }

    @Test
    void responsesEndWithoutDone() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            String body = new Caller(openai)
                    .post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\",\"stream\":true}")
                    .body();
            assertThat(body)
                    .startsWith("event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0")
                    .contains("event: response.output_text.delta")
                    .contains("event: response.completed")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void embeddingsAnswerEachInputInTheFormAskedFor() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            Caller caller = new Caller(openai);
            String numbers = caller.post("/v1/embeddings", "{\"input\":[\"a\",\"b\"],\"model\":\"e\",\"dimensions\":3}")
                    .body();
            assertThat(numbers).contains("\"index\":1", "\"embedding\":[-0.875,-0.75,-0.625]");
            String base64 = caller.post(
                            "/v1/embeddings", "{\"input\":\"a\",\"model\":\"e\",\"encoding_format\":\"base64\"}")
                    .body();
            assertThat(base64).contains("\"embedding\":\"").doesNotContain("\"index\":1");
        }
    }
}

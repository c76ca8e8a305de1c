package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenStreamTest {

    @Test
    void azureSendsItsFilterFirstAndEndsWithDone() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k")))) {
            List<String> events = EndpointClient.events(new EndpointClient(azure, "api-key", "k")
                    .post(EndpointClient.AZURE_CHAT, EndpointClient.streamedChatBody("gpt-4o")));
            assertThat(events.get(0)).contains("\"choices\":[]", "prompt_filter_results", "\"model\":\"\"");
            assertThat(events.get(1)).contains("\"role\":\"assistant\"", "\"model\":\"gpt-4o\"");
            assertThat(events.get(2)).contains("\"content\":\"Oslo\"");
            // Filter, role, eight tokens, finish reason, end.
            assertThat(events).hasSize(12).last().isEqualTo("[DONE]");
        }
    }

    @Test
    void googleBeginsWithContentAndEndsWithUsage() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t")))) {
            List<String> events = EndpointClient.events(new EndpointClient(google, "authorization", "Bearer t")
                    .post(EndpointClient.GOOGLE_CHAT, EndpointClient.streamedChatBody("google/gemini")));
            assertThat(events.get(0)).contains("\"content\":\"Oslo\"");
            assertThat(events.get(events.size() - 2)).contains("\"usage\":{\"completion_tokens\":8");
            assertThat(events).last().isEqualTo("[DONE]");
        }
    }

    @Test
    void usageIsSentOnlyOnRequest() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            assertThat(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody("m"))
                            .body())
                    .doesNotContain("usage");
            String withUsage = "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}";
            assertThat(caller.post(EndpointClient.OPENAI_CHAT, withUsage).body())
                    .contains("\"completion_tokens\":8");
        }
    }

    @Test
    void neverSendsMoreTokensThanTheRequestAllows() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            String one = "{\"model\":\"m\",\"stream\":true,\"max_tokens\":1}";
            List<String> events =
                    EndpointClient.events(new EndpointClient(openai).post(EndpointClient.OPENAI_CHAT, one));
            // Role, one token, finish reason, end.
            assertThat(events).hasSize(4);
        }
    }

    @Test
    void tokensArriveOneByOneInOrder() throws Exception {
        Behaviour slow =
                Behaviour.immediate().withBetweenTokens(Duration.ofMillis(5)).withTokens(30);
        try (SimulatedEndpoint openai =
                SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()).withBehaviour(slow))) {
            String body = new EndpointClient(openai)
                    .post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody("m"))
                    .body();
            StringBuilder text = new StringBuilder();
            for (String part : body.split("\"content\":\"")) {
                text.append(part, 0, Math.max(0, part.indexOf('"')));
            }
            assertThat(text.toString()).endsWith(OutputText.words(30).joined());
        }
    }

    @Test
    void aFaultComesBeforeTheFirstTokenOrAfterTheSecond() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            for (String model : List.of("sim-early-error", "sim-late-error")) {
                int tokens = model.startsWith("sim-late") ? 2 : 0;
                List<String> events = EndpointClient.events(
                        caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody(model)));
                assertThat(events).hasSize(1 + tokens + 1);
                assertThat(events).last().asString().contains("\"error\":{", "\"type\":\"server_error\"");
                String responses = caller.post(
                                "/v1/responses", "{\"model\":\"" + model + "\",\"input\":\"x\",\"stream\":true}")
                        .body();
                assertThat(responses.split("output_text.delta\",", -1)).hasSize(1 + tokens);
                assertThat(responses).contains("event: response.failed\n").doesNotContain("completed");
            }
            assertThat(EndpointClient.events(
                            caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody("sim-early-end"))))
                    .hasSize(1);
            for (String model : List.of("sim-early-reset", "sim-late-reset")) {
                assertThatThrownBy(
                                () -> caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody(model)))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aHeadAtOnceComesBeforeTheFirstEvent() throws Exception {
        Behaviour late = Behaviour.immediate()
                .withHeadAtOnce(true)
                .withFirstToken(new Delay.WithTail(Delay.ofMillis(1), 1, 10_000_000, 1));
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(
                        EndpointSpec.of(EndpointDialect.openai()).withBehaviour(late));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), openai.port())) {
            String body = EndpointClient.streamedChatBody("m");
            client.getOutputStream()
                    .write(("POST " + EndpointClient.OPENAI_CHAT + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(client.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void responsesEndWithoutDone() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            String body = new EndpointClient(openai)
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
    void embeddingsHaveOneVectorPerInputInTheRequestedForm() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
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

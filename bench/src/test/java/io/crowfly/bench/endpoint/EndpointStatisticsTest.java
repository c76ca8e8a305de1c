package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EndpointStatisticsTest {

    @Test
    void countsACancelledStream() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k")))) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            var stream = caller.sendStreaming(caller.request(EndpointClient.AZURE_CHAT)
                    .POST(HttpRequest.BodyPublishers.ofString(EndpointClient.streamedChatBody("sim-slow")))
                    .build());
            assertThat(stream.body().read()).isEqualTo('d');
            assertThat(azure.statistics().inFlight()).isEqualTo(1);
            stream.body().close();
            await().until(() -> azure.statistics().cancelled() == 1);
            assertThat(azure.statistics().inFlight()).isZero();
            assertThat(azure.statistics().lastCancelled()).hasValueSatisfying(cancelled -> {
                assertThat(cancelled.path()).isEqualTo(EndpointClient.AZURE_CHAT);
                assertThat(cancelled.eventsSent()).isBetween(1, 600);
            });
        }
    }

    @Test
    void showsRequestsWithoutTheirCredentials() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("top-secret")))) {
            EndpointClient caller = new EndpointClient(azure, "api-key", "top-secret", "x-request-id", "r1");
            caller.post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            caller.post(EndpointClient.AZURE_CHAT, EndpointClient.chatBody("gpt-4o"));
            caller.get("/health");
            String seen = caller.get("/_seen").body();
            assertThat(seen)
                    .contains("\"" + EndpointClient.AZURE_CHAT + "\":2")
                    .contains("\"api-key\":\"present\"")
                    .contains("\"x-request-id\":\"r1\"")
                    .contains("\"method\":\"POST\"")
                    .doesNotContain("top-secret");
        }
    }

    @Test
    void respondsToPipelinedRequestsInOrder() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                Socket socket = new Socket("127.0.0.1", openai.port())) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                String body = EndpointClient.chatBody("m" + i);
                requests.append("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ")
                        .append(body.length())
                        .append(i == 99 ? "\r\nconnection: close\r\n\r\n" : "\r\n\r\n")
                        .append(body);
            }
            socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.UTF_8));
            assertThat(models(socket)).hasSize(100).isSorted().first().isEqualTo(0);
        }
    }

    private static List<Integer> models(Socket socket) throws IOException {
        String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Pattern.compile("\"model\":\"m(\\d+)\"")
                .matcher(all)
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }
}

package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of the access log, decisions and metrics for a response with token usage, from a backend with its own model
 * names.
 */
class UsageReportTest {

    private static final String USAGE = "{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}";
    private static final String EVENTS = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\n\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}\n\n"
            + "data: [DONE]\n\n";

    @TempDir
    Path directory;

    private TestBackend backend;
    private RunningBalancer running;

    @AfterEach
    void close() throws Exception {
        running.close();
        backend.close();
    }

    private void start(String type, String body) throws Exception {
        String response = "HTTP/1.1 200 OK\r\nContent-Type: " + type
                + "\r\nx-request-id: r-1\r\napim-request-id: a-1\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
        backend = TestBackend.running(TestBackend.responder(response));
        running = new RunningBalancer(directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: one, provider: azure, url: "http://127.0.0.1:%d", models: {m: m-west}}
                probes: {interval: 100ms, timeout: 10s, http: {path: /health}}
                access-log: access.log
                """.formatted(backend.port())).awaitReady();
    }

    private Object accessLine() throws Exception {
        Path log = directory.resolve("access.log");
        await().until(() -> Files.size(log) > 0);
        return RunningBalancer.parseJson(Files.readString(log));
    }

    @Test
    void theAccessLogContainsTokensBackendModelAndBackendIds() throws Exception {
        start("application/json", USAGE);
        running.chat();
        assertThat(accessLine())
                .asInstanceOf(MAP)
                .containsEntry("model", "m")
                .containsEntry("upstreamModel", "m-west")
                .containsEntry("upstreamRequestId", "r-1 a-1")
                .containsEntry("why", "lowest latency")
                .containsEntry("inputTokens", "12")
                .containsEntry("outputTokens", "3");
    }

    @Test
    void theAccessLogContainsNoTokensThatTheBackendDoesNotReport() throws Exception {
        start("application/json", "{}");
        running.chat();
        assertThat(accessLine()).asInstanceOf(MAP).doesNotContainKeys("inputTokens", "outputTokens");
    }

    @Test
    void decisionsContainTheTokens() throws Exception {
        start("text/event-stream", EVENTS);
        running.chat();
        await().until(() -> !((List<?>) running.json("/decisions")).isEmpty());
        assertThat(((List<?>) running.json("/decisions")).get(0))
                .asInstanceOf(MAP)
                .containsEntry("model", "m")
                .containsEntry("upstreamModel", "m-west")
                .containsEntry("upstreamRequestId", "r-1 a-1")
                .extractingByKey("outcome", MAP)
                .containsEntry("inputTokens", "12")
                .containsEntry("outputTokens", "3");
    }

    @Test
    void decisionsContainNullForUnknownTokens() throws Exception {
        start("application/json", "{}");
        running.get("/v1/files");
        await().until(() -> !((List<?>) running.json("/decisions")).isEmpty());
        assertThat(((List<?>) running.json("/decisions")).get(0))
                .asInstanceOf(MAP)
                .containsEntry("upstreamModel", null)
                .extractingByKey("outcome", MAP)
                .containsEntry("inputTokens", null)
                .containsEntry("outputTokens", null);
    }

    @Test
    void metricsCountTokensByTheClientsModelName() throws Exception {
        start("text/event-stream", EVENTS);
        running.chat();
        await().until(() -> running.metrics().contains("crowfly_input_tokens_total{"));
        assertThat(running.metrics())
                .contains(
                        "crowfly_input_tokens_total{backend=\"one\",provider=\"azure\",model=\"m\",} 12.0",
                        "crowfly_output_tokens_total{backend=\"one\",provider=\"azure\",model=\"m\",} 3.0",
                        "gen_ai_server_time_to_first_token_seconds_count{backend=\"one\",gen_ai_operation_name=\"chat\","
                                + "gen_ai_provider_name=\"azure.ai.openai\",gen_ai_request_model=\"m\",} 1.0",
                        "gen_ai_server_time_per_output_token_seconds_count{backend=\"one\"")
                .doesNotContain("m-west");
    }
}

package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Probes that request a token from a model. A probe succeeds only if it receives a token; the status alone does not
 * count.
 */
class InferenceProbeTest {

    private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"1\"}}]}\n\n";

    @TempDir
    Path directory;

    private static String streamed(String events) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(events.length()) + "\r\n" + events + "\r\n0\r\n\r\n";
    }

    /** Returns the admin JSON of a backend that sends this response to every probe. */
    private Map<?, ?> probed(String response) throws Exception {
        try (TestBackend backend = TestBackend.respondingWith(response);
                RunningBalancer running = new RunningBalancer(
                        directory,
                        RunningBalancer.conf("http://127.0.0.1:" + backend.port())
                                .replaceFirst(
                                        "probes: .*",
                                        "probes: {interval: 20ms, timeout: 10s, healthy-after: 1, unhealthy-after: 1,"
                                                + " inference: {model: m}}"))) {
            return await().until(
                            () -> (Map<?, ?>) ((List<?>) running.json("/backends")).get(0),
                            one -> one.get("lastProbe") != null);
        }
    }

    @Test
    void aTokenIsASuccess() throws Exception {
        Map<?, ?> backendJson = probed(streamed("data: {\"choices\":[]}\n\n" + TOKEN + "data: [DONE]\n\n"));
        assertThat(backendJson.get("healthy")).isEqualTo("true");
        assertThat(((Map<?, ?>) backendJson.get("probeMs")).get("firstByte")).isNotNull();
    }

    @Test
    void anErrorInTheStreamIsAFailure() throws Exception {
        Map<?, ?> backendJson = probed(streamed("data: {\"error\":{\"message\":\"no capacity\"}}\n\ndata: [DONE]\n\n"));
        assertThat(backendJson.get("healthy")).isEqualTo("false");
        assertThat(backendJson.get("reason").toString()).contains("an error in the stream");
    }

    @Test
    void anErrorAfterTheTokenIsAFailureEvenInALaterRead() throws Exception {
        String comment = ": " + "x".repeat(256 * 1024) + "\n\n";
        Map<?, ?> backendJson = probed(streamed(TOKEN + comment + "data: {\"error\":{\"message\":\"broke off\"}}\n\n"));
        assertThat(backendJson.get("healthy")).isEqualTo("false");
        assertThat(backendJson.get("reason").toString()).contains("an error in the stream");
    }

    @Test
    void aResponseWithoutATokenIsAFailure() throws Exception {
        Map<?, ?> backendJson = probed(streamed("data: {\"choices\":[]}\n\ndata: [DONE]\n\n"));
        assertThat(backendJson.get("healthy")).isEqualTo("false");
        assertThat(backendJson.get("reason").toString()).contains("no token in the response");
    }

    @Test
    void aResponseThatIsNoStreamIsAFailure() throws Exception {
        Map<?, ?> backendJson = probed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(backendJson.get("healthy")).isEqualTo("false");
        assertThat(backendJson.get("reason").toString()).contains("no token in the response");
    }
}

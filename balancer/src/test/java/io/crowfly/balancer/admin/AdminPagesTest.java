package io.crowfly.balancer.admin;

import static io.crowfly.balancer.testbed.RunningBalancer.SECRET;
import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.ControllableBackend;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminPagesTest {

    @TempDir
    Path directory;

    private final ControllableBackend backend = new ControllableBackend();
    private RunningBalancer running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningBalancer(directory, conf(backend.url())).awaitReady();
    }

    @AfterEach
    void stop() {
        running.close();
        backend.close();
    }

    @Test
    void listsItsPaths() {
        assertThat(running.admin("GET", "/").body())
                .contains("/healthz", "/readyz", "/metrics", "/backends", "/decisions", "/conf", "/reload", "/drain");
    }

    @Test
    void isAliveButNotReadyWhileNoBackendIsHealthy() {
        backend.failing = true;
        await().until(() -> running.admin("GET", "/readyz").statusCode() == 503);
        assertThat(running.admin("GET", "/readyz").body()).isEqualTo("no backend is healthy\n");
        assertThat(running.admin("GET", "/healthz").statusCode()).isEqualTo(200);
        backend.failing = false;
        await().until(() -> running.admin("GET", "/readyz").statusCode() == 200);
    }

    @Test
    void showsEachBackendWithTheKeysOfTheContract() throws Exception {
        running.get("/v1/models");
        assertThat(running.json("/backends"))
                .asInstanceOf(LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsOnlyKeys(
                        "name",
                        "provider",
                        "region",
                        "healthy",
                        "reason",
                        "ejected",
                        "unauthorized",
                        "credential",
                        "ejectedModels",
                        "parked",
                        "latencyMs",
                        "probeMs",
                        "inFlight",
                        "requests",
                        "errors",
                        "failureShare",
                        "share",
                        "classes",
                        "lastProbe")
                .containsEntry("name", "one")
                .containsEntry("provider", "azure")
                .containsEntry("region", "westeurope")
                .containsEntry("healthy", "true")
                .containsEntry("inFlight", "0")
                .containsEntry("requests", "1")
                .containsEntry("errors", "0");
    }

    @Test
    void showsTheLastDecisionsNewestFirst() throws Exception {
        for (int i = 0; i < 5; i++) {
            running.get("/v1/request-" + i + "?api-key=" + SECRET);
        }
        List<?> decisions = (List<?>) running.json("/decisions?last=3");
        assertThat(decisions.stream().<Object>map(decision -> ((Map<?, ?>) decision).get("path")))
                .containsExactly("/v1/request-4", "/v1/request-3", "/v1/request-2");
        assertThat(decisions.get(0))
                .asInstanceOf(MAP)
                .containsEntry("chosen", "one")
                .containsEntry("why", "lowest latency")
                .extractingByKey("outcome", MAP)
                .containsEntry("status", "200")
                .containsEntry("attempts", "1");
        assertThat(((Map<?, ?>) decisions.get(0)).get("candidates"))
                .asInstanceOf(LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsEntry("name", "one")
                .containsEntry("health", "healthy")
                .containsKey("latencyMs");
    }

    @Test
    void showsTheConfInForce() throws Exception {
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .containsEntry("generation", "1")
                .extractingByKey("conf", MAP)
                .containsEntry("region", "nl")
                .extractingByKey("backends", LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsEntry("credential", Map.of("api-key", "***"));
    }

    @Test
    void showsDefaultsAsTheConfFileWouldHaveThem() throws Exception {
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .extractingByKey("conf", MAP)
                .containsEntry(
                        "routing",
                        Map.of(
                                "policy",
                                "lowest-latency",
                                "objective",
                                "first-token",
                                "tolerance",
                                "5%",
                                "tier-tolerance",
                                "200ms",
                                "retry",
                                Map.of("attempts", "3", "budget", "20%"),
                                "exploration",
                                "1%",
                                "panic",
                                "true"));
        // The other limits depend on the memory of the JVM.
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .extractingByKey("conf", MAP)
                .extractingByKey("limits", MAP)
                .containsEntry("head-size", "32KiB")
                .containsEntry("body-size", "64MiB")
                .containsEntry("upload-size", "513MiB")
                .containsEntry("body-rate", "256B")
                .containsKeys("connections", "held-size", "held-total");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/backends", "/decisions", "/conf"})
    void neverShowsASecret(String path) {
        running.get("/v1/models?api-key=" + SECRET);
        HttpResponse<String> page = running.admin("GET", path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).isNotEmpty().doesNotContain(SECRET);
    }

    @Test
    void countsRequestsUnderTheirBackendAndRegion() {
        running.get("/v1/models");
        assertThat(running.metrics())
                .contains(
                        "crowfly_requests_total{backend=\"one\",provider=\"azure\",code=\"2xx\",region=\"nl\",} 1.0",
                        "crowfly_request_duration_seconds_count{backend=\"one\",provider=\"azure\",region=\"nl\",} 1.0",
                        "crowfly_response_body_bytes_total{backend=\"one\",provider=\"azure\",region=\"nl\",} 2.0",
                        "crowfly_backend_healthy{backend=\"one\",provider=\"azure\",region=\"nl\",} 1.0",
                        "crowfly_conf_generation{region=\"nl\",} 1.0",
                        "jvm_threads_current{region=\"nl\",}")
                .doesNotContain("_created");
    }

    @Test
    void servesOpenMetricsToClientsThatAcceptThem() {
        HttpResponse<String> page = running.admin("GET", "/metrics", "accept", "application/openmetrics-text");
        assertThat(page.headers().firstValue("content-type").orElseThrow()).startsWith("application/openmetrics-text");
        assertThat(page.body()).endsWith("# EOF\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "many", "", "99999999999"})
    void refusesAnInvalidNumberOfDecisions(String last) {
        assertThat(running.admin("GET", "/decisions?last=" + last).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/decisions?lats=3", "/decisions?last=1&last=2", "/backends?last=1", "/?x", "/metrics?name=a"})
    void refusesAnUnknownOrRepeatedParameter(String target) {
        HttpResponse<String> response = running.admin("GET", target);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).containsPattern("unknown parameter `\\w+`; |`last` is given twice");
    }

    @Test
    void healthChecksMayHaveParameters() {
        assertThat(running.admin("GET", "/healthz?t=1").statusCode()).isEqualTo(200);
    }

    @Test
    void findsADecisionByTheIdOfItsRequest() throws Exception {
        running.get("/v1/request-1");
        String id = running.get("/v1/request-2")
                .headers()
                .firstValue("x-request-id")
                .orElseThrow();
        running.get("/v1/request-3");
        assertThat(running.json("/decisions?id=" + id))
                .asInstanceOf(LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsEntry("requestId", id)
                .containsEntry("path", "/v1/request-2")
                .extractingByKey("outcome", MAP)
                .containsEntry("requestBytes", "0")
                .containsEntry("responseBytes", "2");
        assertThat(running.json("/decisions?id=unknown")).asInstanceOf(LIST).isEmpty();
    }

    @Test
    void respondsInJsonToAnUnknownPath() throws Exception {
        HttpResponse<String> response = running.admin("GET", "/nowhere");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(RunningBalancer.parseJson(response.body())).asInstanceOf(MAP).containsOnlyKeys("error");
    }

    @Test
    void respondsInJsonToAWrongMethod() throws Exception {
        assertThat(running.admin("POST", "/backends").statusCode()).isEqualTo(405);
        HttpResponse<String> response = running.admin("GET", "/drain");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).contains("POST");
        assertThat(RunningBalancer.parseJson(response.body())).asInstanceOf(MAP).containsOnlyKeys("error");
    }

    @Test
    void refusesPostsFromPagesOfOtherSites() {
        assertThat(running.admin("POST", "/reload", "origin", "https://elsewhere.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(running.admin("POST", "/reload", "origin", "http://127.0.0.1:" + running.balancer.adminPort())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void respondsToHeadWithoutABody() {
        HttpResponse<String> response = running.admin("HEAD", "/backends");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void respondsToRequestsThatArriveInParts() throws Exception {
        try (RawConnection operator = RawConnection.connect(running.balancer.adminPort())) {
            for (int i = 0; i < 2; i++) {
                operator.write("GET /healthz HTTP/1.1\r\nhost: local");
                // Another connection shows that the part has been read.
                assertThat(running.admin("GET", "/healthz").statusCode()).isEqualTo(200);
                operator.write("host\r\n\r\n");
                assertThat(Message.readResponse(operator).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void respondsToPipelinedRequestsInTheirOrder() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", running.balancer.adminPort())) {
            socket.getOutputStream()
                    .write(("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n"
                                    + "GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String responses = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(responses)
                    .containsSubsequence("HTTP/1.1 200 OK", "crowfly_build_info", "HTTP/1.1 404 Not Found");
        }
    }
}

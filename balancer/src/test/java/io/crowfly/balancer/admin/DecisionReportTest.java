package io.crowfly.balancer.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.Alarms;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the reports to operators: why a request went to a backend, and why a backend gets no requests. */
class DecisionReportTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String EVENTS = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\n\n"
            + "data: [DONE]\n\n";
    private static final String STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
            + EVENTS.length() + "\r\n\r\n" + EVENTS;

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch firstIsHealthy = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    /**
     * Starts a backend whose probes always pass. The first backend becomes healthy before the others, so that it has
     * its share from the start.
     */
    private String backend(String response) throws Exception {
        boolean first = open.isEmpty();
        TestBackend backend = closing(TestBackend.running(peer -> {
            while (peer.hasInput()) {
                boolean probe = Message.readRequest(peer).startLine().startsWith("GET /health ");
                if (probe && !first) {
                    firstIsHealthy.await();
                }
                peer.write(probe ? OK : response);
            }
        }));
        return "http://127.0.0.1:" + backend.port();
    }

    /** Returns a conf entry with a credential and a tier. */
    private static String entry(String name, int tier, String url) {
        return "  - {name: " + name + ", tier: " + tier + ", provider: openai, url: \"" + url
                + "\", credential: {bearer: \"${env:KEY}\"}}\n";
    }

    private RunningBalancer running(String backends, String more) throws Exception {
        RunningBalancer running = closing(new RunningBalancer(directory, """
                region: nl
                trace-decisions: true
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                probes: {interval: 100ms, timeout: 10s, http: {path: /health}}
                """ + "backends:\n" + backends + more))
                .awaitReady();
        firstIsHealthy.countDown();
        await().until(() -> !running.metrics().matches("(?s).*crowfly_backend_healthy\\{[^}]*} 0.0.*"));
        return running;
    }

    private static String decision(HttpResponse<String> response) {
        return response.headers().firstValue("x-crowfly-decision").orElseThrow();
    }

    private static Map<?, ?> lastDecision(RunningBalancer running) throws Exception {
        return (Map<?, ?>) ((List<?>) running.json("/decisions?last=1")).get(0);
    }

    private static Map<?, ?> named(Object list, String name) {
        return (Map<?, ?>) ((List<?>) list)
                .stream()
                        .filter(item -> ((Map<?, ?>) item).get("name").equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    private static String metric(String name, String backend) {
        return name + "{backend=\"" + backend + "\",provider=\"openai\",region=\"nl\",} ";
    }

    @Test
    void reportsThePartsOfEachCandidatesForecast() throws Exception {
        RunningBalancer running = running(entry("a", 1, backend(OK)) + entry("b", 2, backend(OK)), "");
        await().until(() -> decision(running.chat()).contains("a=")
                && decision(running.chat()).contains("live"));
        assertThat(decision(running.chat()))
                // The second reason, if b's probes were faster than a's response.
                .matches(
                        "(lowest latency|tier 1); a=[\\d.]+ms \\(live, 100%, 1 in flight\\), b=[\\d.]+ms \\(probes, 0%\\)");

        Map<?, ?> decision = lastDecision(running);
        assertThat(decision)
                .asInstanceOf(MAP)
                .containsEntry("chosen", "a")
                .containsEntry("rule", null)
                .containsEntry("panic", "false");
        assertThat(named(decision.get("candidates"), "a"))
                .asInstanceOf(MAP)
                .containsOnlyKeys(
                        "name",
                        "tier",
                        "health",
                        "open",
                        "note",
                        "failureShare",
                        "share",
                        "latencyMs",
                        "networkMs",
                        "serviceMs",
                        "uncertainty",
                        "basis",
                        "costMs",
                        "load",
                        "loadMs")
                .containsEntry("open", "true")
                .containsEntry("share", "1.0")
                .containsEntry("basis", "live")
                .containsEntry("note", null);
        assertThat(decision.get("outcome"))
                .asInstanceOf(MAP)
                .extractingByKey("tried", LIST)
                .hasSize(1);
        assertThat(named(((Map<?, ?>) decision.get("outcome")).get("tried"), "a"))
                .asInstanceOf(MAP)
                .containsOnlyKeys("name", "role", "why", "end", "inFlight", "warm", "costMs", "loadMs", "firstTokenMs")
                .containsEntry("role", "first")
                .containsEntry("end", "200")
                .containsEntry("inFlight", "1")
                .containsEntry("warm", "true")
                .doesNotContainValue(null);
    }

    @Test
    void namesTheRuleThatConfinedARequest() throws Exception {
        String url = backend(OK);
        RunningBalancer running = running(
                entry("a", 1, url) + entry("b", 1, url),
                "routing: {rules: [{name: eu, when: {header: {x-zone: eu}}, only: {backends: [b]}}]}\n");
        assertThat(decision(running.chat("x-zone", "eu")))
                .startsWith("lowest latency; rule eu; b=")
                .doesNotContain("a=");
        assertThat(lastDecision(running))
                .asInstanceOf(MAP)
                .containsEntry("rule", "eu")
                .extractingByKey("candidates", LIST)
                .hasSize(1);
    }

    @Test
    void keepsTheHeaderShortAmongManyBackends() throws Exception {
        String url = backend(OK);
        String backends = IntStream.range(10, 40)
                .mapToObj(i -> entry("a-backend-with-a-name-as-long-as-names-can-be-of-63-letters-" + i + "x", 1, url))
                .collect(Collectors.joining());
        RunningBalancer running = running(backends, "");
        for (int i = 0; i < 20; i++) {
            HttpResponse<String> response = running.chat();
            String chosen = response.headers().firstValue("x-crowfly-backend").orElseThrow();
            assertThat(decision(response))
                    .hasSizeLessThan(600)
                    .contains(chosen + "=")
                    .endsWith(" more");
        }
    }

    @Test
    void reportsParkedModelsWithTimeAndCause() throws Exception {
        String throttled = "HTTP/1.1 429 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n";
        RunningBalancer running = running(entry("a", 1, backend(throttled)) + entry("b", 2, backend(OK)), "");
        assertThat(decision(running.chat())).startsWith("next best after a: status 429; ");
        assertThat(named(((Map<?, ?>) lastDecision(running).get("outcome")).get("tried"), "b"))
                .asInstanceOf(MAP)
                .containsEntry("role", "retry");
        await().until(() -> decision(running.chat()).contains("a=parked"));
        assertThat((String) named(lastDecision(running).get("candidates"), "a").get("note"))
                .matches("parked for \\d+ ms: 429");

        Map<?, ?> backend = named(running.json("/backends"), "a");
        assertThat(backend).asInstanceOf(MAP).containsEntry("healthy", "true").containsEntry("ejected", "false");
        assertThat(backend.get("parked"))
                .asInstanceOf(LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsEntry("model", "m")
                .containsEntry("cause", "throttled")
                .extractingByKey("msLeft")
                .satisfies(left -> assertThat(Integer.parseInt((String) left)).isBetween(1, 50_000));
        assertThat(running.metrics()).contains(metric("crowfly_backend_parked_models", "a") + "1.0");
    }

    @Test
    void logsOneErrorForARefusedCredentialWithoutTheSecret() throws Exception {
        String refusal = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
        try (CapturedLog log = new CapturedLog(Alarms.class.getName())) {
            RunningBalancer running = running(entry("a", 1, backend(refusal)) + entry("b", 2, backend(OK)), "");
            running.chat();
            await().until(() -> decision(running.chat()).contains("a=ejected"));
            assertThat(named(running.json("/backends"), "a"))
                    .asInstanceOf(MAP)
                    .containsEntry("healthy", "false")
                    .containsEntry("ejected", "true")
                    .containsEntry("unauthorized", "true")
                    .containsEntry("reason", "ejected: status 401");
            assertThat(running.metrics())
                    .contains(
                            metric("crowfly_backend_ejected", "a") + "1.0",
                            metric("crowfly_backend_unauthorized", "a") + "1.0",
                            metric("crowfly_backend_healthy", "a") + "0.0",
                            metric("crowfly_backend_ejected", "b") + "0.0");
            running.chat();
            await().until(() -> !log.lines(Level.ERROR).isEmpty());
            assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("backend a: refuses its credential (ejected: status 401)")
                    .doesNotContain(RunningBalancer.SECRET);
        }
    }

    @Test
    void reportsPanic() throws Exception {
        String broken = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
        try (CapturedLog log = new CapturedLog(Alarms.class.getName())) {
            RunningBalancer running = running(entry("a", 1, backend(broken)), "");
            // Requests without a model, whose failures count for the whole backend.
            await().until(() -> decision(running.get("/v1/models")).startsWith("lowest latency (panic); a="));
            assertThat(lastDecision(running))
                    .asInstanceOf(MAP)
                    .containsEntry("panic", "true")
                    .extractingByKey("candidates", LIST)
                    .singleElement()
                    .asInstanceOf(MAP)
                    .containsEntry("health", "unhealthy")
                    .containsEntry("open", "true")
                    .extractingByKey("note")
                    .asString()
                    .startsWith("ejected: ");
            assertThat(running.metrics()).containsPattern("crowfly_panic_requests_total\\{region=\"nl\",} [1-9]");
            await().until(() ->
                    log.lines(Level.WARN).stream().anyMatch(line -> line.startsWith("panic: none of a is healthy")));
        }
    }

    @Test
    void reportsTheForecastOfEachRequestClass() throws Exception {
        RunningBalancer running = running(entry("a", 1, backend(STREAM)), "");
        await().until(() -> {
            running.chat();
            return running.admin("GET", "/backends").body().contains("\"basis\" : \"live\"");
        });
        Map<?, ?> backend = named(running.json("/backends"), "a");
        assertThat(backend).asInstanceOf(MAP).containsEntry("share", "1.0").containsEntry("failureShare", "0.0");
        assertThat(backend.get("classes"))
                .asInstanceOf(LIST)
                .singleElement()
                .asInstanceOf(MAP)
                .containsOnlyKeys(
                        "api",
                        "model",
                        "streamed",
                        "share",
                        "failureShare",
                        "latencyMs",
                        "networkMs",
                        "serviceMs",
                        "uncertainty",
                        "basis",
                        "tokenMs")
                .containsEntry("api", "chat_completions")
                .containsEntry("model", "m")
                .containsEntry("basis", "live");
    }

    @Test
    void measuresHowGoodForecastsWere() throws Exception {
        RunningBalancer running = running(entry("a", 1, backend(STREAM)) + entry("b", 2, backend(OK)), "");
        Pattern counted = Pattern.compile(Pattern.quote(metric("crowfly_prediction_ratio_count", "a")) + "[1-9]");
        assertThat(running.metrics()).contains(metric("crowfly_prediction_ratio_count", "a") + "0.0");
        await().until(() -> {
            running.chat();
            return counted.matcher(running.metrics()).find();
        });
        assertThat(running.metrics())
                .containsPattern(Pattern.quote(metric("crowfly_time_between_tokens_seconds_count", "a")) + "[1-9]")
                .contains("crowfly_observations_dropped_total{region=\"nl\",} 0.0");
    }
}

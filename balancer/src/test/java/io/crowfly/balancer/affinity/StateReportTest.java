package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the metrics, decisions and access log for stored state, and for bodies that are held. */
class StateReportTest {

    private static final String FILE = "{\"id\":\"file-1\",\"object\":\"file\"}";
    private static final int BODY = 200_000;

    @TempDir
    Path directory;

    private TestBackend backend;
    private RunningBalancer running;

    @BeforeEach
    void serve() throws Exception {
        backend = TestBackend.respondingWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + FILE.length() + "\r\n\r\n" + FILE);
    }

    @AfterEach
    void close() throws Exception {
        running.close();
        backend.close();
    }

    private void start(String more) throws Exception {
        running = new RunningBalancer(directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: a, provider: openai, url: "http://127.0.0.1:%d"}
                  - {name: b, provider: openai, url: "http://127.0.0.1:1"}
                probes: {interval: 100ms, timeout: 10s, http: {path: /health}}
                access-log: access.log
                """.formatted(backend.port()) + more).awaitReady();
    }

    private double metric(String name) {
        Matcher found = Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(running.metrics());
        return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
    }

    private Object decision(String path) throws Exception {
        return ((List<?>) running.json("/decisions"))
                .stream()
                        .filter(decision -> path.equals(((Map<?, ?>) decision).get("path")))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void reportsRememberedIdsAndThatARequestWentToItsOwner() throws Exception {
        start("");
        assertThat(metric("crowfly_state_ids")).isZero();
        running.get("/v1/files/file-1");
        await().until(() -> metric("crowfly_state_ids") == 1);
        running.get("/v1/files/file-1/content");
        assertThat(decision("/v1/files/file-1/content"))
                .asInstanceOf(MAP)
                .containsEntry("chosen", "a")
                .containsEntry("why", "owns what the request refers to");
        await().untilAsserted(() -> assertThat(Files.readString(directory.resolve("access.log")))
                .contains("\"why\":\"owns what the request refers to\""));
        assertThat(running.metrics()).doesNotContain("crowfly_state_redis");
    }

    @Test
    void reportsThatAListWentToTheConfiguredHome() throws Exception {
        start("state: {default-owner: a}\n");
        running.get("/v1/files");
        assertThat(decision("/v1/files"))
                .asInstanceOf(MAP)
                .containsEntry("chosen", "a")
                .containsEntry("why", "default owner");
    }

    @Test
    void reportsThatRedisIsUnreachable() throws Exception {
        start("state: {redis: {url: \"redis://127.0.0.1:1\"}}\n");
        running.get("/v1/files/file-1");
        await().untilAsserted(() -> assertThat(metric("crowfly_state_redis_lookups_total{result=\"unanswered\",}"))
                .isEqualTo(1));
        assertThat(metric("crowfly_state_redis_lookups_total{result=\"answered\",}"))
                .isZero();
        assertThat(metric("crowfly_state_redis_up")).isZero();
        assertThat(metric("crowfly_state_redis_writes_total")).isZero();
        assertThat(metric("crowfly_state_redis_lost_writes_total")).isZero();
    }

    @Test
    void reportsTheHeldBytesOfABodyWhoseOwnerIsNotKnownYet() throws Exception {
        start("");
        assertThat(metric("crowfly_held_bytes")).isZero();
        try (RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            client.write("POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY + "\r\n\r\n{\"input\":\"" + "x".repeat(BODY / 2));
            await().until(() -> metric("crowfly_held_bytes") == BODY);
            client.write("x".repeat(BODY - BODY / 2 - 12) + "\"}");
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
        await().until(() -> metric("crowfly_held_bytes") == 0);
    }
}

package io.crowfly.balancer.logging;

import static io.crowfly.balancer.testbed.RunningBalancer.SECRET;
import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.ControllableBackend;
import io.crowfly.balancer.testbed.RunningBalancer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

    @TempDir
    Path directory;

    private final ControllableBackend backend = new ControllableBackend();

    @AfterEach
    void stop() {
        backend.close();
    }

    @Test
    void hasALineForEachRequestWithoutItsQuery() throws Exception {
        Path log = directory.resolve("access.log");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").awaitReady()) {
            running.get("/v1/models?api-key=" + SECRET);
            await().until(() -> Files.size(log) > 0);
        }
        assertThat(log).content().doesNotContain(SECRET).endsWith("}\n");
        assertThat(RunningBalancer.parseJson(Files.readString(log)))
                .asInstanceOf(MAP)
                .containsEntry("region", "nl")
                .containsEntry("client", "127.0.0.1")
                .containsEntry("method", "GET")
                .containsEntry("path", "/v1/models")
                .containsEntry("backend", "one")
                .containsEntry("status", "200")
                .containsEntry("attempts", "1")
                .containsEntry("responseBytes", "2")
                .containsKeys("time", "requestId", "ttfbMs", "totalMs")
                .doesNotContainKey("failure");
    }

    @Test
    void aReloadCreatesTheFileAgainAfterItWasMoved() throws Exception {
        Path log = directory.resolve("access.log");
        Path moved = directory.resolve("access.log.1");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").awaitReady()) {
            running.get("/v1/before");
            await().until(() -> Files.size(log) > 0);
            Files.move(log, moved);
            assertThat(running.balancer.reload()).isEmpty();
            running.get("/v1/after");
            await().until(() -> Files.size(log) > 0);
        }
        assertThat(moved).content().contains("/before").doesNotContain("/after");
        assertThat(log).content().contains("/after").doesNotContain("/before");
    }

    @Test
    void endsWhenAReloadRemovesItFromTheConf() throws Exception {
        Path log = directory.resolve("access.log");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").awaitReady()) {
            running.get("/v1/before");
            await().until(() -> Files.size(log) > 0);
            Files.writeString(running.file, conf(backend.url()));
            assertThat(running.balancer.reload()).isEmpty();
            running.get("/v1/after");
        }
        assertThat(log).content().contains("/before").doesNotContain("/after");
    }
}

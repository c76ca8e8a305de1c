package io.crowfly.balancer;

import static io.crowfly.balancer.RunningBalancer.SECRET;
import static io.crowfly.balancer.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

    @TempDir
    Path directory;

    private final AdminTestBackend backend = new AdminTestBackend();

    @AfterEach
    void stop() {
        backend.close();
    }

    @Test
    void hasALineForEachRequestWithoutItsQuery() throws Exception {
        Path log = directory.resolve("access.log");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").untilReady()) {
            running.through("/v1/models?api-key=" + SECRET);
            await().until(() -> Files.size(log) > 0);
        }
        assertThat(log).content().doesNotContain(SECRET).endsWith("}\n");
        assertThat(RunningBalancer.parse(Files.readString(log)))
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
    void isBegunAnewByAReloadOnceItsFileWasMovedAway() throws Exception {
        Path log = directory.resolve("access.log");
        Path moved = directory.resolve("access.log.1");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").untilReady()) {
            running.through("/v1/before");
            await().until(() -> Files.size(log) > 0);
            Files.move(log, moved);
            assertThat(running.balancer.reload()).isEmpty();
            running.through("/v1/after");
            await().until(() -> Files.size(log) > 0);
        }
        assertThat(moved).content().contains("/before").doesNotContain("/after");
        assertThat(log).content().contains("/after").doesNotContain("/before");
    }

    @Test
    void endsWhenTheConfSaysSo() throws Exception {
        Path log = directory.resolve("access.log");
        try (RunningBalancer running =
                new RunningBalancer(directory, conf(backend.url()) + "access-log: access.log\n").untilReady()) {
            running.through("/v1/before");
            await().until(() -> Files.size(log) > 0);
            Files.writeString(running.file, conf(backend.url()));
            assertThat(running.balancer.reload()).isEmpty();
            running.through("/v1/after");
        }
        assertThat(log).content().contains("/before").doesNotContain("/after");
    }
}

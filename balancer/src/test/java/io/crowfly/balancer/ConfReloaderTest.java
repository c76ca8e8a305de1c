package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.conf.read.ConfReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conf that is valid, but cannot be put in force. */
class ConfReloaderTest {

    @TempDir
    Path directory;

    @Test
    void anInternalErrorIsReportedAndTheNextReloadWorks() throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), RunningBalancer.conf("http://127.0.0.1:1"));
        AtomicReference<String> fault = new AtomicReference<>("a fault");
        ConfReloader.ConfTarget target = conf -> {
            if (fault.get() != null) {
                throw new IllegalStateException(fault.get());
            }
        };
        try (ConfReloader reloads =
                new ConfReloader(file, new ConfReader(Map.of("KEY", "k")), target, new Metrics(Version.CURRENT))) {
            assertThat(reloads.reload()).singleElement().asString().contains("internal error: a fault");
            assertThat(reloads.lastReload().problems()).hasSize(1);
            fault.set(null);
            assertThat(reloads.reload()).isEmpty();
            assertThat(reloads.lastReload().problems()).isEmpty();
        }
    }
}

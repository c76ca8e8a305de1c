package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.transport.BindFailedException;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.LastGoodConf;
import io.crowfly.conf.read.ConfReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conf that is valid, but cannot be put in force. */
class ConfReloaderTest {

    @TempDir
    Path directory;

    private static ConfReloader reloader(Path file, ConfReloader.ConfTarget target, Optional<LastGoodConf> copy) {
        return new ConfReloader(
                file,
                new ConfReader(Map.of("KEY", "k")),
                target,
                copy,
                false,
                new Metrics(Version.CURRENT),
                SystemdNotifier.of(Map.of()));
    }

    @Test
    void aBrokenFileStartsFromTheLastGoodConfAndTakesEffectOnceItIsCorrected() throws IOException {
        String good = RunningBalancer.conf("http://127.0.0.1:1");
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), good);
        LastGoodConf copy = LastGoodConf.of(file, Map.of());
        List<String> regions = new ArrayList<>();
        try (ConfReloader before = reloader(file, conf -> {}, Optional.of(copy))) {
            assertThat(before.reload()).isEmpty();
        }
        Files.writeString(file, good.replace("region: nl", "region: [nl]"));
        try (ConfReloader after = reloader(file, conf -> regions.add(conf.region()), Optional.of(copy))) {
            assertThat(after.reload()).hasSize(1);
            assertThat(after.useLastGood(copy)).isEmpty();
            assertThat(after.lastReload().problems())
                    .as("the file still has problems")
                    .hasSize(1);
            Files.writeString(file, good.replace("region: nl", "region: us"));
            assertThat(after.reload()).isEmpty();
        }
        assertThat(regions).containsExactly("nl", "us");
        assertThat(copy.load().texts().get(file)).contains("region: us");
    }

    @Test
    void withoutAUsableCopyTheProblemsOfTheFileStay() throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), "region: [nl]\n");
        LastGoodConf copy = LastGoodConf.of(file, Map.of());
        try (ConfReloader reloads = reloader(file, conf -> {}, Optional.of(copy))) {
            List<Problem> problems = reloads.reload();
            assertThat(reloads.useLastGood(copy)).isEqualTo(problems);
            Files.writeString(copy.copy(), "{\"" + file + "\": \"regoin: nl\"}");
            assertThat(reloads.useLastGood(copy))
                    .startsWith(problems.get(0))
                    .anyMatch(problem -> problem.what().startsWith("in the last good conf: ")
                            && problem.what().contains("`regoin`"));
        }
    }

    @Test
    void aCopyThatCannotBeWrittenPreventsNoReload() throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), RunningBalancer.conf("http://127.0.0.1:1"));
        LastGoodConf nowhere = LastGoodConf.of(file, Map.of("STATE_DIRECTORY", directory + "/missing"));
        try (ConfReloader reloads = reloader(file, conf -> {}, Optional.of(nowhere))) {
            assertThat(reloads.reload()).isEmpty();
        }
    }

    @Test
    void anInternalErrorIsReportedAndTheNextReloadWorks() throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), RunningBalancer.conf("http://127.0.0.1:1"));
        AtomicReference<String> fault = new AtomicReference<>("a fault");
        ConfReloader.ConfTarget target = conf -> {
            if (fault.get() != null) {
                throw new IllegalStateException(fault.get());
            }
        };
        try (ConfReloader reloads = reloader(file, target, Optional.empty())) {
            assertThat(reloads.reload()).singleElement().asString().contains("internal error: a fault");
            assertThat(reloads.lastReload().problems()).hasSize(1);
            fault.set(null);
            assertThat(reloads.reload()).isEmpty();
            assertThat(reloads.lastReload().problems()).isEmpty();
        }
    }

    @Test
    void anAddressInUseIsReportedWithItsPlaceAndItsEffect() throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), """
                listeners:
                  - {name: public, bind: "127.0.0.1:0"}
                  - {name: more, bind: "[::1]:8081"}
                backends: [{name: a, provider: openai, url: "http://127.0.0.1:1"}]
                """);
        AtomicReference<BindAddress> taken = new AtomicReference<>(new BindAddress.Tcp("::1", 8081));
        ConfReloader.ConfTarget target = conf -> {
            throw BindFailedException.of(taken.get(), new IOException("Address already in use"));
        };
        try (ConfReloader reloads = reloader(file, target, Optional.empty())) {
            assertThat(reloads.reload())
                    .singleElement()
                    .hasToString(file + ":3:24: cannot bind [::1]:8081: Address already in use; another process uses "
                            + "the address, perhaps another instance of Crowfly: end that process, or choose another "
                            + "address; this process ends");
            taken.set(new BindAddress.Tcp("127.0.0.1", 9901));
            assertThat(reloads.reload())
                    .singleElement()
                    .asString()
                    .startsWith(file + ":1:1: cannot bind 127.0.0.1:9901: Address already in use (the default of "
                            + "`admin.bind`, which the file does not set); another process uses the address")
                    .endsWith("; nothing was changed");
        }
    }
}

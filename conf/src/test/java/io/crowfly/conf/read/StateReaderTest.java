package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Conf;
import io.crowfly.conf.State;
import io.crowfly.conf.value.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void readsEveryKeyOfState() {
        Conf conf = file.valid(TestConfFile.MINIMAL + """
                state: {default-owner: one, ttl: 7d, ids: 5000, redis: {url: "rediss://edge:${env:KEY}@cache:6380/2", timeout: 20ms}}
                routing: {unknown-models: [one]}
                """);

        assertThat(conf.state())
                .isEqualTo(new State(
                        Optional.of("one"),
                        Duration.ofDays(7),
                        5000,
                        Optional.of(new State.Redis(
                                new Secret("rediss://edge:k-secret-1234@cache:6380/2"), Duration.ofMillis(20)))));
        assertThat(conf.routing().unknownModels()).containsExactly("one");
    }

    @Test
    void byDefaultEachInstanceKeepsStateForThirtyDays() {
        assertThat(file.valid(TestConfFile.MINIMAL).state())
                .isEqualTo(new State(Optional.empty(), Duration.ofDays(30), 1_000_000, Optional.empty()));
        assertThat(file.valid(TestConfFile.MINIMAL + "state: {redis: {url: \"redis://cache\"}}")
                        .state()
                        .redis())
                .contains(new State.Redis(new Secret("redis://cache"), Duration.ofMillis(50)));
    }
}

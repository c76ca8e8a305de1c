package io.crowfly.bench.policies.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.scenario.ArrivalProcess.Arrival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogReaderTest {

    private static final Scenario SCENARIO = TestScenarios.of(TestScenarios.yaml("poisson, rate: 20"));

    @TempDir
    Path folder;

    private AccessLogReader.Recorded read(String log) throws IOException, ScenarioException {
        return AccessLogReader.read(Files.writeString(folder.resolve("access.log"), log), SCENARIO);
    }

    @Test
    void readsPostsInOrderOfArrival() throws Exception {
        AccessLogReader.Recorded recorded = read("""
                {"time":"2026-11-17T10:00:02Z","region":"nl","method":"POST","model":"m","status":200,"requestBytes":400}
                {"time":"2026-11-17T10:00:01Z","method":"GET","path":"/v1/models","requestBytes":0}

                {"time":"2026-11-17T10:00:00.250Z","method":"POST","model":"other","requestBytes":2,"later":{"a":[1]}}
                """);

        assertThat(recorded.arrivals().arrivals())
                .containsExactly(new Arrival(0, "other", 1, 0), new Arrival(1_750_000_000, "m", 100, 0));
        assertThat(recorded.durationNanos()).isEqualTo(2_750_000_000L);
        assertThat(recorded.unknownModels()).containsExactly("other");
    }

    @Test
    void namesTheInvalidLine() {
        String good = "{\"time\":\"2026-11-17T10:00:02Z\",\"method\":\"POST\"}\n";

        assertThatThrownBy(() -> read(good + "GET / 200\n")).hasMessageContaining("access.log:2: not a line");
        assertThatThrownBy(() -> read(good + good + "{\"method\":\"POST\"}\n")).hasMessageContaining("access.log:3:");
        assertThatThrownBy(() -> read(good + "{\"time\":\"noon\"}\n")).hasMessageContaining("access.log:2:");
        assertThatThrownBy(() -> read("")).hasMessageContaining("holds no POST");
    }
}

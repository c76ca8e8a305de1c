package io.crowfly.bench.policies.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ScenarioReaderTest {

    static final List<String> SHIPPED = Scenarios.SHIPPED;

    @TempDir
    Path folder;

    private static final String YAML = TestScenarios.yaml("poisson, rate: 20");

    private Scenario read(String yaml) throws ScenarioException {
        return ScenarioReader.read("mine", yaml, folder);
    }

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void everyShippedScenarioIsValid(String name) throws ScenarioException {
        Scenario scenario = Scenarios.find(name);

        assertThat(scenario.name()).isEqualTo(name);
        assertThat(scenario.durationNanos()).isBetween(120_000_000_000L, 600_000_000_000L);
        assertThat(scenario.backends()).hasSizeBetween(2, 24);
        assertThat(scenario.backends())
                .extracting(Scenario.Backend::cloud)
                .contains(Scenario.Cloud.AZURE, Scenario.Cloud.GOOGLE);
        assertThat(scenario.events())
                .allSatisfy(event -> assertThat(event.toNanos()).isLessThan(scenario.durationNanos()));
    }

    @Test
    void noTwoShippedScenariosHaveTheSameName() {
        assertThat(SHIPPED).hasSize(27).doesNotHaveDuplicates();
    }

    @Test
    void readsTheGoalOfRouting() throws ScenarioException {
        Scenario usual = read(YAML);
        assertThat(usual.goal().routing(Optional.empty())).isEqualTo(Routing.DEFAULT);
        assertThat(usual.hasTiers()).isFalse();
        assertThat(usual.backends().get(0).betweenTokensNanos()).containsExactly(10e6);

        Scenario scenario =
                read(YAML.replace("models:\n", "routing: {objective: completion, tier-tolerance: unlimited}\nmodels:\n")
                        .replace("name: a,", "name: a, tier: 2, between-tokens: 4ms,"));
        assertThat(scenario.countsCompletion()).isTrue();
        assertThat(scenario.goal().tierTolerance()).isEqualTo(new TierTolerance.Unlimited());
        assertThat(scenario.hasTiers()).isTrue();
        assertThat(scenario.backends().get(0).betweenTokensNanos()).containsExactly(4e6);
    }

    @Test
    void readsAllKeys() throws ScenarioException {
        Scenario scenario = read(YAML.replace(
                "{name: a, provider: azure, rtt: 10ms,",
                "{name: a, provider: azure, region: nl, rtt: {here: 12.5ms}, jitter: 5%, hangs: 0.1%, "
                        + "tail: {share: 2%, factor: [3, 8]}, load: {capacity: 10, knee: 50%, factor-at-capacity: 3, "
                        + "limit: 12, retry-after: 2s}, rate-limit: {requests: 100, window: 10s},"));

        Scenario.Backend a = scenario.backends().get(0);
        assertThat(a.rttNanos()).containsExactly(12.5e6);
        assertThat(a.jitter()).isEqualTo(0.05);
        assertThat(a.hangShare()).isEqualTo(0.001);
        assertThat(a.tailShare()).isEqualTo(0.02);
        assertThat(a.tailTo()).isEqualTo(8);
        assertThat(a.load()).isEqualTo(new SimulatedLoadCurve(10, 5, 3, 12, 2_000_000_000L));
        assertThat(a.load().factor(5)).isEqualTo(1);
        assertThat(a.load().factor(10)).isEqualTo(3);
        assertThat(a.rateLimit()).contains(new SimulatedRateLimit(100, 10_000_000_000L));
        assertThat(scenario.models().get(0).perPromptTokenNanos()).isEqualTo(100_000);
        assertThat(scenario.weather()).isEqualTo(Weather.CALM);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            weather: calm           | wether: calm           | `weather` is missing
            seed: 1                 | seeds: 1               | `seed` is missing
            weather: calm           | weather: mild          | mine.yaml:2:10: must be one of calm, changing, storm, saturation, own-load, short-latencies, bad-start, not mild
            duration: 20s           | duration: 20           | mine.yaml:4:11: must be a duration such as 250ms, 1.5s or 2m, not 20
            - {name: here}          | - {name: here, num: 3} | mine.yaml:7:18: unknown key `num`; the keys are count, name
            provider: google        | provider: gogle        | must be one of azure, google, openai, not gogle
            first-token: 100ms      | first-token: {x: 1ms}  | has no value for the model m
            rtt: 10ms               | rtt: {there: 10ms}     | has no value for the edge group here
            {model: m, prompt       | {model: n, prompt      | no model is named n; the names are m
            rate: 20                | rate: 0                | must be above 0
            kind: poisson           | kind: fish             | must be constant, poisson, diurnal, bursts or trace
            rtt: 10ms               | rtt: 10ms, hangs: 200% | must be at most 100%
            weather: calm           | weather: [             | not YAML
            - {name: here}          | - {name: a, name: b}   | mine.yaml:7
            """)
    void reportsPositionAndKindOfAProblem(String right, String wrong, String problem) {
        assertThat(YAML).contains(right);

        assertThatThrownBy(() -> read(YAML.replace(right, wrong)))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContaining(problem)
                .hasMessageMatching("(?s)mine\\.yaml:\\d+:\\d+: .*");
    }

    @Test
    void anUnknownKeyAtTheTopIsReported() {
        assertThatThrownBy(() -> read(YAML + "colour: blue\n"))
                .hasMessageMatching("mine\\.yaml:\\d+:1: unknown key `colour`; the keys are arrivals, backends, .*");
    }

    @Test
    void anEventHasOneEffect() {
        assertThatThrownBy(() -> read(YAML + "events: [{backend: a, at: 1s, for: 1s, slowdown: 2, outage: true}]\n"))
                .hasMessageContaining(
                        "must have one of slowdown, route, slow-first, freeze, absent, outage, hangs, errors, throttle");
    }

    @Test
    void aKeyOfAnotherEffectIsUnknown() {
        assertThatThrownBy(() -> read(YAML + "events: [{backend: a, at: 1s, for: 1s, slowdown: 2, after: 3ms}]\n"))
                .hasMessageContaining("unknown key `after`");
    }

    @Test
    void arrivalsMayBeATrace() throws Exception {
        Files.writeString(folder.resolve("trace.csv"), """
                TIMESTAMP,ContextTokens,GeneratedTokens
                2023-11-16 18:17:03.9799600,4808,10
                2023-11-16 18:17:04.0319600,3180,8
                """);

        Scenario scenario = read(YAML.replace("kind: poisson, rate: 20", "kind: trace, file: trace.csv, speed: 2"));

        assertThat(scenario.arrivals())
                .isEqualTo(new ArrivalProcess.Recorded(List.of(
                        new ArrivalProcess.Arrival(0, "", 4808, 10),
                        new ArrivalProcess.Arrival(26_000_000, "", 3180, 8))));
    }

    @Test
    void anInvalidTraceIsAProblemOfTheFile() throws Exception {
        String traced = YAML.replace("kind: poisson, rate: 20", "kind: trace, file: trace.csv");
        assertThatThrownBy(() -> read(traced)).hasMessageContaining("can't be read as a trace");

        Files.writeString(folder.resolve("trace.csv"), "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2\n");
        assertThatThrownBy(() -> read(traced)).hasMessageContaining("line 2 is not time,tokens,tokens");
    }
}

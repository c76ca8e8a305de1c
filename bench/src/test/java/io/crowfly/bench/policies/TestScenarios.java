package io.crowfly.bench.policies;

import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioException;
import io.crowfly.bench.policies.scenario.ScenarioReader;
import java.nio.file.Path;

/** Small scenarios without noise: the times of a request are exactly those of the file. */
public final class TestScenarios {

    private TestScenarios() {}

    /**
     * Returns a scenario file with two backends: {@code a} 10 ms away with 100 ms to the first token, {@code b} 20 ms
     * with 200 ms.
     */
    public static String yaml(String arrivals, String... more) {
        return """
                description: two backends
                weather: calm
                seed: 1
                duration: 20s
                warm-up: 0s
                edges:
                  - {name: here}
                probes: {interval: 1s, timeout: 800ms}
                models:
                  m: {sigma: 0, per-1k-prompt-tokens: 100ms, between-tokens: 10ms}
                backends:
                  - {name: a, provider: azure, rtt: 10ms, first-token: 100ms}
                  - {name: b, provider: google, rtt: 20ms, first-token: 200ms}
                requests:
                  - {model: m, prompt-tokens: {median: 100}, output-tokens: {median: 51}}
                arrivals: {kind: %s}
                """.formatted(arrivals) + String.join("\n", more) + "\n";
    }

    public static Scenario of(String yaml) {
        try {
            return ScenarioReader.read("test", yaml, Path.of(""));
        } catch (ScenarioException e) {
            throw new IllegalArgumentException(e);
        }
    }
}

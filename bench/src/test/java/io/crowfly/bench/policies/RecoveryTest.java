package io.crowfly.bench.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.simulation.RunResult;
import io.crowfly.bench.policies.simulation.Simulation;
import io.crowfly.bench.policies.simulation.Workload;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The best backend {@code a} (30 ms) gets most requests again after any history, although {@code b} (120 ms) serves
 * them meanwhile. Probes pass all the time.
 */
class RecoveryTest {

    private static final NamedPolicy OURS = Policies.find(Policies.OURS).orElseThrow();

    /** Share of the requests that go to the best backend when it has recovered. */
    private static final double SHARE = 0.7;

    private static RunResult run(double perSecond, String... events) {
        String yaml = """
            description: the best backend has a bad time
            weather: changing
            seed: 5
            duration: 220s
            warm-up: 0s
            edges:
              - {name: here}
            probes: {interval: 1s, timeout: 800ms}
            models:
              m: {sigma: 0.3}
            backends:
              - {name: a, provider: openai, rtt: 1ms, first-token: 29ms}
              - {name: b, provider: openai, rtt: 1ms, first-token: 119ms}
            requests:
              - {model: m, prompt-tokens: {median: 100}, output-tokens: {median: 5}}
            arrivals: {kind: poisson, rate: %s}
            events:
              - {backend: a, %s}
            """.formatted(perSecond, String.join("}\n  - {backend: a, ", events));
        Scenario scenario = TestScenarios.of(yaml);
        return Simulation.run(scenario, Workload.of(scenario), OURS);
    }

    /**
     * The setting of {@code bench choose --only moving}: probes do not measure the model, and a third backend is far.
     */
    private static RunResult runLikeMoving(long seed) {
        Scenario scenario = TestScenarios.of("""
            description: the best backend is slow for some seconds
            weather: changing
            seed: 1
            duration: 25s
            warm-up: 0s
            edges:
              - {name: here}
            probes: {interval: 1s, timeout: 800ms}
            models:
              m: {sigma: 0.35}
            backends:
              - {name: a, provider: openai, rtt: 1ms, first-token: 150ms}
              - {name: b, provider: openai, rtt: 1ms, first-token: 250ms}
              - {name: c, provider: openai, rtt: 1ms, first-token: 320ms}
            requests:
              - {model: m, prompt-tokens: {median: 100}, output-tokens: {median: 1}}
            arrivals: {kind: poisson, rate: 50}
            events:
              - {backend: a, at: 7s, for: 5s, slowdown: 3}
            """).withSeed(seed);
        return Simulation.run(scenario, Workload.of(scenario), OURS);
    }

    /** Returns the share of {@code a} in a time range. */
    private static double share(RunResult run, double fromSeconds, double toSeconds) {
        int all = 0;
        int atBest = 0;
        for (int i = 0; i < run.choiceNanos().length; i++) {
            if (run.choiceNanos()[i] >= fromSeconds * 1e9 && run.choiceNanos()[i] < toSeconds * 1e9) {
                all++;
                atBest += run.choiceBackend()[i] == 0 ? 1 : 0;
            }
        }
        return (double) atBest / all;
    }

    @ParameterizedTest
    @CsvSource({
        "50, 'at: 0s, for: 1200ms, slowdown: 33', 1.2, 10",
        "20, 'at: 0s, for: 500ms, slowdown: 33', 0.5, 15",
        "10, 'at: 0s, for: 2s, slowdown: 33', 2, 20",
        "2, 'at: 0s, for: 5s, slowdown: 33', 5, 60",
        "50, 'at: 1s, for: 5s, slowdown: 170', 6, 10",
        "10, 'at: 1s, for: 5s, slowdown: 170', 6, 20",
        "10, 'at: 8s, for: 5s, slowdown: 170', 13, 20",
        "2, 'at: 4s, for: 5s, slowdown: 170', 9, 60",
        "50, 'at: 0s, for: 120s, slowdown: 33', 120, 10",
        "10, 'at: 0s, for: 120s, slowdown: 33', 120, 20",
        "2, 'at: 0s, for: 120s, slowdown: 33', 120, 60",
        "10, 'at: 60s, for: 60s, slowdown: 6', 120, 20",
    })
    void theBestBackendIsBackInTime(double perSecond, String history, double untilSeconds, double withinSeconds) {
        RunResult run = run(perSecond, history);
        double from = untilSeconds + withinSeconds;
        assertThat(share(run, from, from + Math.max(2, 20 / perSecond))).isGreaterThanOrEqualTo(SHARE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theBestBackendIsBackAfterAShortSlowTimeThatProbesDoNotShow(long seed) {
        assertThat(share(runLikeMoving(seed), 12 + 8, 12 + 10)).isGreaterThanOrEqualTo(SHARE);
    }

    @ParameterizedTest
    @CsvSource({"50, 10", "10, 20", "2, 60"})
    void theBestBackendIsBackAfterASlowBeginningAndAnOutage(double perSecond, double withinSeconds) {
        RunResult run = run(perSecond, "at: 0s, for: 2s, slowdown: 33", "at: 30s, for: 20s, outage: true");
        double from = 50 + withinSeconds;
        assertThat(share(run, from, from + Math.max(2, 20 / perSecond))).isGreaterThanOrEqualTo(SHARE);
    }

    @ParameterizedTest
    @CsvSource({"50", "10", "2"})
    void noMoreThanTheExplorationShareGoesToABackendThatStaysSlow(double perSecond) {
        RunResult run = run(perSecond, "at: 0s, for: 220s, slowdown: 33");
        assertThat(share(run, 20, 220)).isBetween(0.001, 0.012);
    }
}

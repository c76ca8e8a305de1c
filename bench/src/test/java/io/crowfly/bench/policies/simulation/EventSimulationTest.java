package io.crowfly.bench.policies.simulation;

import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_A;
import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_B;
import static io.crowfly.bench.policies.simulation.FixedOrder.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.conf.Backend;
import io.crowfly.probes.ProbeResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks the effects of failures and scenario events. */
class EventSimulationTest {

    @Test
    void aRefusedRequestGoesElsewhereAfterOneRoundTrip() {
        RunResult run = run(
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 20s, outage: true}"),
                environment -> new FixedOrder(0, 1));

        assertThat(run.ttftNanos()).containsOnly(10e6 + TTFT_AT_B);
        assertThat(run.attempts()).isEqualTo(40);
    }

    @Test
    void aHangCostsTheTimeoutOrThePolicysShorterOne() {
        String hanging =
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 20s, hangs: 100%}");

        assertThat(run(hanging, environment -> new FixedOrder(0, 1)).ttftNanos())
                .containsOnly(10e9 + TTFT_AT_B);
        assertThat(run(hanging, environment -> new FixedOrder(0, 1) {
                            @Override
                            public long firstByteTimeoutNanos(SimulatedAttempt attempt) {
                                return attempt.number() == 1 ? 400_000_000L : Long.MAX_VALUE;
                            }
                        })
                        .ttftNanos())
                .containsOnly(400e6 + TTFT_AT_B);
    }

    @Test
    void theClientLibraryRetriesTwice() {
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 1",
                        "events:",
                        "  - {backend: a, at: 0s, for: 60s, throttle: 100%}",
                        "  - {backend: b, at: 0s, for: 60s, throttle: 100%, retry-after: 5s}"),
                environment -> new FixedOrder(1, 0));

        assertThat(run.errors()).isEqualTo(20);
        assertThat(run.clientResponses429()).isEqualTo(60);
        assertThat(run.attempts()).isEqualTo(120);
        assertThat(run.ttftNanos()).isEmpty();
    }

    @Test
    void backoffCountsAsLatencyOfTheUser() {
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 0.05",
                        "events:",
                        "  - {backend: a, at: 0s, for: 100ms, outage: true}",
                        "  - {backend: b, at: 0s, for: 100ms, outage: true}"),
                environment -> new FixedOrder(0, 1));

        assertThat(run.ttftNanos()).containsExactly(10e6 + 20e6 + 500e6 + TTFT_AT_A);
    }

    @Test
    void aSlowdownAndARouteChangeLastForTheirDuration() {
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 1",
                        "events:",
                        "  - {backend: a, at: 4500ms, for: 3s, slowdown: 3}",
                        "  - {backend: a, at: 9500ms, for: 2s, route: 40ms}"),
                environment -> new FixedOrder(0, 1));

        assertThat(run.ttftNanos()).containsOnly(TTFT_AT_A, 10e6 + 3 * 110e6, TTFT_AT_A + 40e6);
        assertThat(Arrays.stream(run.ttftNanos()).filter(ttft -> ttft == 10e6 + 3 * 110e6))
                .hasSize(3);
        assertThat(Arrays.stream(run.ttftNanos()).filter(ttft -> ttft == TTFT_AT_A + 40e6))
                .hasSize(2);
    }

    @Test
    void theFirstRequestsOfAnEventMayBeSlow() {
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 1",
                        "events:",
                        "  - {backend: a, at: 3500ms, for: 10s, slow-first: {requests: 4, first-token: 300ms}, watch: true}"),
                environment -> new FixedOrder(0, 1));

        assertThat(Arrays.stream(run.ttftNanos()).filter(ttft -> ttft != TTFT_AT_A))
                .hasSize(4)
                .containsOnly(10e6 + 310e6);
        // The fourth request arrives there after half a round trip.
        assertThat(run.watchedEndNanos()).isEqualTo(7_005_000_000L);
    }

    @Test
    void theSlowRequestsEndWithTheirEvent() {
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 1",
                        "events:",
                        "  - {backend: a, at: 3500ms, for: 2s, slow-first: {requests: 4, first-token: 300ms}, watch: true}"),
                environment -> new FixedOrder(0, 1));

        assertThat(Arrays.stream(run.ttftNanos()).filter(ttft -> ttft != TTFT_AT_A))
                .hasSize(2);
        assertThat(run.watchedEndNanos()).isEqualTo(5_500_000_000L);
    }

    @Test
    void aFrozenBackendHoldsItsResponsesWhileHttpProbesPass() {
        String frozen = TestScenarios.yaml(
                "constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 2500ms, freeze: true}");
        FixedOrder policy = new FixedOrder(0, 1);

        run(frozen, environment -> policy);

        // Responses leave at 2.5 s and take half a round trip. The third request arrives at 2 s.
        assertThat(policy.ttft.values()).startsWith(2_505_000_000L, 1_505_000_000L, 505_000_000L, (long) TTFT_AT_A);
        // The tokens that were held arrive together. The last token of the third response is later.
        assertThat(policy.ended).contains(2_505_000_000L, 1_505_000_000L, (long) TTFT_AT_A + 500_000_000L);
        assertThat(firstProbe(frozen)).isEqualTo(13_000_000L);
    }

    @Test
    void aReloadAddsABackendThatNobodyCouldUseBefore() {
        List<List<Integer>> reloads = new ArrayList<>();
        RunResult run = run(
                TestScenarios.yaml(
                        "constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 4500ms, absent: true}"),
                environment -> new SelectionPolicy() {
                    @Override
                    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
                        return tried.has(0) ? 1 : 0;
                    }

                    @Override
                    public void backendsChanged(List<Integer> present) {
                        reloads.add(present);
                    }
                });

        assertThat(reloads).containsExactly(List.of(1), List.of(0, 1));
        assertThat(Arrays.stream(run.ttftNanos()).filter(ttft -> ttft == TTFT_AT_B))
                .hasSize(5);
        assertThat(run.attempts()).isEqualTo(20);
        assertThat(run.regretNanos()).isZero();
    }

    @Test
    void everyPolicyServesAllRequestsWhileABackendIsAbsent() {
        String absent =
                TestScenarios.yaml("poisson, rate: 20", "events:", "  - {backend: a, at: 0s, for: 10s, absent: true}");
        for (NamedPolicy policy : Policies.ALL) {
            RunResult result = run(absent, policy.factory());

            assertThat(result.errors()).as(policy.name()).isZero();
            assertThat(IntStream.range(0, result.choiceNanos().length)
                            .filter(i -> result.choiceNanos()[i] < 10_000_000_000L)
                            .map(i -> result.choiceBackend()[i]))
                    .as(policy.name())
                    .containsOnly(1);
        }
    }

    @Test
    void inferenceProbesDetectASlowModelAndHttpProbesDoNot() {
        String slow =
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 20s, slowdown: 3}");
        String withInferenceProbes =
                slow.replace("{interval: 1s, timeout: 800ms}", "{interval: 1s, timeout: 800ms, inference: m}");

        assertThat(firstProbe(slow)).isEqualTo(13_000_000L);
        // The prompt has eight tokens.
        assertThat(firstProbe(withInferenceProbes)).isEqualTo(10_000_000L + 3 * 100_800_000L);
    }

    private static long firstProbe(String yaml) {
        List<ProbeResult> results = new ArrayList<>();
        run(yaml, environment -> {
            Backend a = environment.backends().get(0);
            environment
                    .scheduler()
                    .schedule(1_000_000, () -> environment.prober().probe(a, results::add));
            return new FixedOrder(0, 1);
        });
        return ((ProbeResult.Success) results.get(0)).times().firstByteNanos();
    }
}

package io.crowfly.bench.policies.simulation;

import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_A;
import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_B;
import static io.crowfly.bench.policies.simulation.FixedOrder.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.EdgeEnvironment;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.TriedBackends;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Checks hedges: attempts beside a slow attempt of the same request. */
class HedgeSimulationTest {

    /** One request per second, on a tick of the edge. */
    private static final String ONE_PER_SECOND = TestScenarios.yaml("constant, rate: 1");

    private static final String A_IS_SLOW =
            TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 20s, slowdown: 10}");

    /** Selects backend a, and hedges at backend b after a delay. */
    private static class Hedging extends FixedOrder {
        final long delayNanos;
        final List<Long> cancelled = new ArrayList<>();

        Hedging(long delayNanos) {
            super(0, 1);
            this.delayNanos = delayNanos;
        }

        @Override
        public long hedgeDelayNanos(SimulatedAttempt attempt) {
            return delayNanos;
        }

        @Override
        public int hedge(SimulatedAttempt slow, TriedBackends tried, long nowNanos) {
            return 1;
        }

        @Override
        public void cancelled(SimulatedAttempt attempt, long nowNanos) {
            cancelled.add(nowNanos - attempt.sentNanos());
        }
    }

    @Test
    void theFirstTokenWinsAndTheOtherAttemptIsCancelled() {
        Hedging policy = new Hedging(190_000_000);

        RunResult run = run(A_IS_SLOW, environment -> policy);

        // The hedge is sent at the next tick, after 200 ms.
        assertThat(run.ttftNanos()).hasSize(20).containsOnly(200e6 + TTFT_AT_B);
        assertThat(policy.cancelled).hasSize(20).containsOnly((long) (200e6 + TTFT_AT_B));
        assertThat(run.hedges()).isEqualTo(20);
        assertThat(run.attempts()).isEqualTo(40);
        assertThat(run.errors()).isZero();
    }

    @Test
    void anAttemptThatRespondsBeforeItsHedgeWins() {
        Hedging policy = new Hedging(50_000_000);

        RunResult run = run(ONE_PER_SECOND, environment -> policy);

        assertThat(run.ttftNanos()).hasSize(20).containsOnly(TTFT_AT_A);
        // The hedge is sent after 60 ms.
        assertThat(policy.cancelled).containsOnly((long) TTFT_AT_A - 60_000_000);
    }

    @Test
    void anAttemptThatRespondsBeforeTheDelayGetsNoHedge() {
        RunResult run = run(ONE_PER_SECOND, environment -> new Hedging(120_000_000));

        assertThat(run.hedges()).isZero();
        assertThat(run.lostTokenShare()).isZero();
    }

    @Test
    void lostTokensAreThoseOfCancelledAttempts() {
        RunResult early = run(A_IS_SLOW, environment -> new Hedging(190_000_000));
        // Backend a has sent no token. Its requests have 100 tokens, of 151 with their responses.
        assertThat(early.lostTokenShare()).isCloseTo(100 / 151.0, within(1e-9));

        // Without streaming, backend a has generated tokens when the hedge, which begins at 600 ms, is sent: its first
        // token comes after 110 ms, and the cancellation arrives 5 ms after the complete response.
        RunResult late = run(
                ONE_PER_SECOND.replace("{model: m,", "{model: m, streamed: 0%,"),
                environment -> new Hedging(590_000_000));
        assertThat(late.ttftNanos()).containsOnly(TTFT_AT_A + 500e6);
        // The cancellation arrives at backend b 30 ms after the hedge: in time to prevent all but the prompt.
        assertThat(late.lostTokenShare()).isCloseTo(100 / 151.0, within(1e-9));
    }

    @Test
    void aCancelledAttemptFreesItsPlaceAtTheServer() {
        // Two places at backend a. Without the cancellation the third request would get a 429.
        String full = TestScenarios.yaml(
                        "constant, rate: 2", "events:", "  - {backend: a, at: 0s, for: 20s, slowdown: 100}")
                .replace("{name: a, ", "{name: a, load: {capacity: 100, knee: 50%, factor-at-capacity: 2, limit: 2}, ");

        assertThat(run(full, environment -> new FixedOrder(0, 1)).attempts()).isGreaterThan(60);
        RunResult hedged = run(full, environment -> new Hedging(190_000_000));
        assertThat(hedged.ttftNanos()).containsOnly(200e6 + TTFT_AT_B);
        assertThat(hedged.attempts()).isEqualTo(80);
    }

    @Test
    void aHedgeThatFailsLeavesTheSlowAttempt() {
        String bFails = ONE_PER_SECOND
                + "events:\n"
                + "  - {backend: a, at: 0s, for: 20s, slowdown: 10}\n"
                + "  - {backend: b, at: 0s, for: 20s, errors: 100%, after: 3ms}\n";

        RunResult run = run(bFails, environment -> new Hedging(190_000_000));

        assertThat(run.ttftNanos()).containsOnly(10e6 + 1100e6);
        assertThat(run.hedges()).isEqualTo(20);
    }

    @Test
    void crowflysPolicyHedgesWithinItsBudget() {
        String tail = TestScenarios.yaml("poisson, rate: 50")
                .replace("sigma: 0,", "sigma: 0.45,")
                .replace("duration: 20s", "duration: 120s")
                .replace("rtt: 10ms,", "rtt: 10ms, tail: {share: 2%, factor: [3, 8]},")
                .replace("first-token: 200ms", "first-token: 120ms");

        RunResult without = run(tail, policy(Policies.OURS));
        RunResult with = run(tail, policy(Policies.OURS_HEDGED));

        assertThat(without.hedges()).isZero();
        assertThat((double) with.hedges() / with.requests()).isBetween(0.01, 0.05);
        assertThat(p99(with)).isLessThan(0.8 * p99(without));
    }

    private static Function<EdgeEnvironment, SelectionPolicy> policy(String name) {
        return Policies.find(name).orElseThrow().factory();
    }

    private static double p99(RunResult run) {
        return run.ttftNanos()[(int) (0.99 * run.ttftNanos().length)];
    }
}

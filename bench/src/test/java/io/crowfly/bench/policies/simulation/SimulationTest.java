package io.crowfly.bench.policies.simulation;

import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_A;
import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_B;
import static io.crowfly.bench.policies.simulation.FixedOrder.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedFailure;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks results that can be computed by hand. */
class SimulationTest {

    @Test
    void aSingleRequestTakesTheRoundTripThePromptAndTheModelsTime() {
        FixedOrder policy = new FixedOrder(0, 1);

        RunResult run = run(TestScenarios.yaml("constant, rate: 1"), environment -> policy);

        assertThat(run.ttftNanos()).hasSize(20).containsOnly(TTFT_AT_A);
        // 51 tokens, so 50 pauses of 10 ms.
        assertThat(policy.ended).containsOnly((long) TTFT_AT_A + 500_000_000L);
        assertThat(run.attempts()).isEqualTo(20);
        assertThat(run.errors()).isZero();
    }

    @Test
    void aResponseWithoutStreamingArrivesComplete() {
        RunResult run = run(
                TestScenarios.yaml("constant, rate: 1").replace("{model: m,", "{model: m, streamed: 0%,"),
                environment -> new FixedOrder(0, 1));

        assertThat(run.ttftNanos()).containsOnly(TTFT_AT_A + 500e6);
    }

    @Test
    void aBackendSlowsWithItsRequestsInFlight() {
        // 10 requests per second that take 610 ms each: five or six are in flight when the next one arrives, at most
        // seven with it.
        String loaded = TestScenarios.yaml("constant, rate: 10")
                .replace("{name: a, ", "{name: a, load: {capacity: 12, knee: 25%, factor-at-capacity: 2}, ");

        RunResult run = run(loaded, environment -> new FixedOrder(0, 1));

        // The knee is at 3. With 7 in flight: 1 + ((7 - 3) / (12 - 3))² = 1.1975 times 110 ms, and the round trip.
        assertThat(run.ttftNanos()[run.ttftNanos().length - 1]).isCloseTo(10e6 + 110e6 * (1 + 16 / 81.0), within(1.0));
        assertThat(run.ttftNanos()[0]).isEqualTo(TTFT_AT_A);
    }

    @Test
    void requestsAboveTheLimitGetA429() {
        String full = TestScenarios.yaml("constant, rate: 10")
                .replace(
                        "{name: a, ",
                        "{name: a, load: {capacity: 100, knee: 50%, factor-at-capacity: 2, limit: 3, retry-after: 7s}, ");
        FixedOrder policy = new FixedOrder(0, 1);

        RunResult run = run(full, environment -> policy);

        assertThat(policy.failures).isNotEmpty().containsOnly(new SimulatedFailure.TooManyRequests(7_000_000_000L));
        // The round trip and 3 ms at the front door, then the complete time at the other backend.
        assertThat(run.ttftNanos()[run.ttftNanos().length - 1]).isEqualTo(10e6 + 3e6 + TTFT_AT_B);
        assertThat(run.clientResponses429()).isZero();
    }

    @Test
    void aQuotaIsCountedInWindows() {
        String limited = TestScenarios.yaml("constant, rate: 10")
                .replace("{name: a, ", "{name: a, rate-limit: {requests: 40, window: 5s}, ");
        FixedOrder policy = new FixedOrder(0, 1);

        RunResult run = run(limited, environment -> policy);

        assertThat(policy.failures).hasSize(4 * 10);
        assertThat(((SimulatedFailure.TooManyRequests) policy.failures.get(0)).retryAfterNanos())
                .isLessThan(1_000_000_000L);
        assertThat(run.attempts()).isEqualTo(200 + 40);
    }

    @Test
    void aBackendReportsItsRemainingQuota() {
        String limited = TestScenarios.yaml("constant, rate: 1")
                .replace("{name: a, ", "{name: a, rate-limit: {requests: 10, window: 5s}, ");
        List<Double> left = new ArrayList<>();
        List<Long> reset = new ArrayList<>();
        run(limited, environment -> new FixedOrder(0, 1) {
            @Override
            public void quotaReported(SimulatedAttempt attempt, double share, long resetNanos, long nowNanos) {
                left.add(share);
                reset.add(nowNanos + resetNanos);
            }
        });

        assertThat(left).startsWith(0.9, 0.8, 0.7, 0.6, 0.5, 0.9);
        assertThat(reset).startsWith(5_000_000_000L, 5_000_000_000L).endsWith(20_000_000_000L);
    }

    @Test
    void googleReportsItsProcessingTimeAndAzureDoesNot() {
        List<Long> reported = new ArrayList<>();
        SelectionPolicy listening = new SelectionPolicy() {
            @Override
            public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
                return (int) (request.id() / 3 % 2);
            }

            @Override
            public void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {
                reported.add(serverNanos);
            }
        };
        run(TestScenarios.yaml("constant, rate: 1"), environment -> listening);

        assertThat(reported)
                .startsWith(SelectionPolicy.NOT_REPORTED, 210_000_000L, SelectionPolicy.NOT_REPORTED, 210_000_000L);
    }

    @Test
    void regretIsTheDifferenceToTheBestBackend() {
        RunResult run = run(TestScenarios.yaml("constant, rate: 1"), environment -> new FixedOrder(1, 0));

        assertThat(run.regretNanos()).isCloseTo(TTFT_AT_B - TTFT_AT_A, within(1.0));
    }

    @Test
    void predictionsAreComparedWithTheTrueMedian() {
        RunResult run = run(TestScenarios.yaml("constant, rate: 1"), environment -> new FixedOrder(0, 1) {
            @Override
            public double predictedNanos(SimulatedRequest request, int backend, long nowNanos) {
                return 1.1 * TTFT_AT_A;
            }
        });

        assertThat(run.predictionError()).isCloseTo(0.1, within(1e-9));
    }

    @Test
    void aRequestHasTheSameNoiseWhereverOtherRequestsGo() {
        String noisy = TestScenarios.yaml("poisson, rate: 20")
                .replace("sigma: 0,", "sigma: 0.7,")
                .replace("rtt: 10ms,", "rtt: 10ms, jitter: 20%, tail: {share: 10%, factor: [3, 8]}, hangs: 5%,");
        FixedOrder all = new FixedOrder(0, 1);
        FixedOrder some = new FixedOrder(0, 1) {
            @Override
            public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
                return tried.count() > 0 || request.id() % 2 == 0 ? super.choose(request, tried, nowNanos) : 1;
            }
        };
        run(noisy, environment -> all);
        run(noisy, environment -> some);

        all.ttft.keySet().removeIf(id -> id % 2 != 0);
        some.ttft.keySet().removeIf(id -> id % 2 != 0);
        assertThat(some.ttft).hasSizeGreaterThan(100).isEqualTo(all.ttft);
    }

    @Test
    void everyPolicyRepeatsItsResultsWithTheSameSeed() {
        String noisy = TestScenarios.yaml("poisson, rate: 20").replace("sigma: 0,", "sigma: 0.7,");
        for (NamedPolicy policy : Policies.ALL) {
            RunResult once = run(noisy, policy.factory());
            RunResult again = run(noisy, policy.factory());

            assertThat(again.ttftNanos()).as(policy.name()).isEqualTo(once.ttftNanos());
            assertThat(again.choiceBackend()).as(policy.name()).isEqualTo(once.choiceBackend());
        }
    }

    @Test
    void aPolicyMayNotSelectAFailedBackend() {
        String down =
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 0s, for: 20s, outage: true}");

        assertThatThrownBy(() -> run(down, environment -> new FixedOrder(0, 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("chose backend 0, which was already tried or does not exist");
    }

    @Test
    void aRefusalByThePolicyIsAnErrorWithoutAnAttempt() {
        RunResult run =
                run(TestScenarios.yaml("constant, rate: 1"), environment -> new FixedOrder(SelectionPolicy.NONE));

        assertThat(run.errors()).isEqualTo(20);
        assertThat(run.attempts()).isZero();
    }
}

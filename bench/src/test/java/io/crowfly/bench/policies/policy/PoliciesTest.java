package io.crowfly.bench.policies.policy;

import static io.crowfly.bench.policies.policy.FakeEnvironment.MILLISECOND;
import static io.crowfly.bench.policies.policy.FakeEnvironment.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.policy.LoadReports.LoadReport;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import org.junit.jupiter.api.Test;

/** Checks the defining properties of each compared policy. */
class PoliciesTest {

    private final FakeEnvironment environment = new FakeEnvironment(3);

    @Test
    void noPolicySelectsAFailedBackendAndAllSelectOne() {
        for (NamedPolicy named : Policies.ALL) {
            FakeEnvironment fresh = new FakeEnvironment(3);
            fresh.policy = named.factory().apply(fresh.environment);
            fresh.advance(SECOND);
            for (int i = 0; i < 20; i++) {
                assertThat(fresh.choose(0, 2)).as(named.name()).isEqualTo(1);
                assertThat(fresh.choose(1)).as(named.name()).isIn(0, 2);
            }
        }
    }

    @Test
    void roundRobinRotates() {
        environment.policy = new RoundRobin(environment.environment);

        assertThat(environment.chooseTimes(6)).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(environment.choose(0)).isEqualTo(1);
        assertThat(environment.choose()).isEqualTo(2);
    }

    @Test
    void randomIsUniform() {
        environment.policy = new RandomChoice(environment.environment);

        assertThat(environment.countChoices(3000)).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(900, 1100);
            }
        });
    }

    @Test
    void leastRequestsSelectsTheLessLoadedOfTwo() {
        environment.policy = new LeastRequests(environment.environment);
        environment.send(0);
        environment.send(0);
        environment.send(1);

        int[] counts = environment.countChoices(3000);

        // Backend 0 loses against both others; backend 2 wins two of three pairs.
        assertThat(counts[0]).isZero();
        assertThat(counts[1]).isBetween(900, 1100);
        assertThat(counts[2]).isBetween(1900, 2100);
    }

    @Test
    void leastRequestsDoesNotCountEndedRequests() {
        environment.policy = new LeastRequests(environment.environment);
        environment.respond(0, MILLISECOND);
        environment.fail(0, new SimulatedFailure.Refused(), MILLISECOND);

        assertThat(environment.countChoices(3000)[0]).isPositive();
    }

    @Test
    void peakEwmaRisesAtOnceAndDecaysSlowly() {
        environment.policy = new PeakEwma(environment.environment);
        for (int b = 0; b < 3; b++) {
            environment.respond(b, 100 * MILLISECOND);
        }
        environment.respond(0, 5 * SECOND);
        environment.respond(0, 100 * MILLISECOND);

        assertThat(environment.countChoices(300)[0]).isZero();

        // Without observations all costs decay alike; after a long time only new responses decide.
        environment.advance(60 * SECOND);
        environment.respond(1, 100 * MILLISECOND);
        environment.respond(2, 100 * MILLISECOND);
        assertThat(environment.countChoices(300)[0]).isPositive();
    }

    @Test
    void peakEwmaMultipliesByTheRequestsInFlight() {
        environment.policy = new PeakEwma(environment.environment);
        environment.respond(0, 100 * MILLISECOND);
        environment.respond(1, 250 * MILLISECOND);
        environment.respond(2, 250 * MILLISECOND);
        environment.send(0);
        environment.send(0);

        assertThat(environment.countChoices(300)[0])
                .as("100 ms × 3 against 250 ms")
                .isZero();
    }

    @Test
    void liteLlmTriesUnknownBackendsThenSelectsWithinTheBuffer() {
        environment.policy = LiteLlmLatency.averages(environment.environment);
        environment.respond(0, 100 * MILLISECOND);
        environment.respond(1, 105 * MILLISECOND);
        assertThat(environment.countChoices(10)[2]).isEqualTo(10);

        environment.respond(2, 200 * MILLISECOND);
        int[] counts = environment.countChoices(1000);
        assertThat(counts[0]).isBetween(400, 600);
        assertThat(counts[1]).isBetween(400, 600);
        assertThat(counts[2]).isZero();
    }

    @Test
    void liteLlmPenalizesATimeoutUntilItLeavesTheWindow() {
        environment.policy = LiteLlmLatency.averages(environment.environment);
        environment.respond(0, 100 * MILLISECOND);
        environment.respond(1, 300 * MILLISECOND);
        environment.respond(2, 300 * MILLISECOND);
        environment.fail(0, new SimulatedFailure.ServerError(500), MILLISECOND);
        assertThat(environment.choose()).as("other failures leave no trace").isZero();

        environment.fail(0, new SimulatedFailure.Timeout(SECOND), SECOND);
        assertThat(environment.countChoices(100)[0]).isZero();

        for (int i = 0; i < 10; i++) {
            environment.respond(0, 100 * MILLISECOND);
        }
        assertThat(environment.choose()).isZero();
    }

    @Test
    void liteLlmPercentileUsesTheTail() {
        environment.policy = LiteLlmLatency.percentiles(environment.environment);
        for (int i = 0; i < 10; i++) {
            environment.respond(0, i < 8 ? 100 * MILLISECOND : 1500 * MILLISECOND);
            environment.respond(1, 420 * MILLISECOND);
            environment.respond(2, 500 * MILLISECOND);
        }

        // The average of backend 0 is 380 ms, but its 90th percentile is 1.5 s.
        assertThat(environment.choose()).isEqualTo(1);
    }

    @Test
    void prequalSelectsTheFastestColdServerOrTheLeastLoadedHotOne() {
        FakeEnvironment many = new FakeEnvironment(10);
        for (int b = 0; b < 10; b++) {
            many.reports[b] = new LoadReport(1, 100e6 + b * 10e6);
        }
        many.reports[0] = new LoadReport(90, 1e6); // fastest, but far hotter than the rest
        many.policy = new Prequal(many.environment);

        int[] counts = many.countChoices(1000);

        assertThat(counts[0]).isLessThan(20);
        assertThat(counts[1]).isGreaterThan(counts[9]);
    }

    @Test
    void prequalProbesExpire() {
        environment.policy = new Prequal(environment.environment);
        environment.reports[0] = new LoadReport(0, 1e3);
        environment.choose();
        environment.reports[0] = new LoadReport(0, 9e9);
        environment.advance(2 * SECOND);

        assertThat(environment.countChoices(100)[0]).isLessThan(50);
    }

    @Test
    void prequalAvoidsAServerThatFailed() {
        environment.policy = new Prequal(environment.environment);
        environment.reports[0] = new LoadReport(0, 1e3);
        environment.fail(0, new SimulatedFailure.ServerError(500), MILLISECOND);

        assertThat(environment.countChoices(50)[0]).isLessThan(20);
    }

    @Test
    void dialogueCountsRequestsInFlightAndRemembersFailures() {
        environment.policy = new DialogueBalanced(environment.environment);
        environment.send(1);
        environment.send(2);
        assertThat(environment.countChoices(20)[0]).isEqualTo(20);

        environment.fail(0, new SimulatedFailure.ServerError(503), MILLISECOND);
        assertThat(environment.countChoices(100)[0]).isZero();

        environment.advance(150 * SECOND); // five half-lives: 10 is 0.3, which rounds to nothing
        assertThat(environment.countChoices(100)[0]).isEqualTo(100);
    }

    @Test
    void dialogueGivesA429LittleWeight() {
        environment.policy = new DialogueBalanced(environment.environment);
        environment.send(1);
        environment.send(2);
        environment.fail(0, new SimulatedFailure.TooManyRequests(SECOND), MILLISECOND);

        assertThat(environment.countChoices(20)[0]).isEqualTo(20);
    }

    @Test
    void probesOnlyUsesProbesAndIgnoresRequests() {
        environment.probeNanos[0] = 30 * MILLISECOND;
        environment.probeNanos[1] = 10 * MILLISECOND;
        environment.probeNanos[2] = 20 * MILLISECOND;
        environment.policy = new ProbesOnly(environment.environment);
        environment.advance(SECOND);
        environment.respond(1, 9 * SECOND);

        assertThat(environment.choose()).isEqualTo(1);
        assertThat(environment.choose(1)).isEqualTo(2);
    }

    @Test
    void probesOnlyAvoidsABackendAfterThreeFailuresUntilTwoSuccesses() {
        environment.probeNanos[0] = 10 * MILLISECOND;
        environment.probeNanos[1] = 20 * MILLISECOND;
        environment.probeNanos[2] = 20 * MILLISECOND;
        environment.policy = new ProbesOnly(environment.environment);
        environment.advance(SECOND / 2);
        environment.probeNanos[0] = -1;
        environment.advance(2 * SECOND);
        assertThat(environment.choose()).isZero();
        environment.advance(2 * SECOND);
        assertThat(environment.choose()).isNotZero();

        environment.probeNanos[0] = 10 * MILLISECOND;
        environment.advance(5 * SECOND);
        assertThat(environment.choose()).isZero();
    }

    @Test
    void theOracleUsesTheExpectedLatency() {
        environment.expectedNanos[0] = 3;
        environment.expectedNanos[1] = 1;
        environment.expectedNanos[2] = 2;
        environment.policy = new Oracle(environment.environment);

        assertThat(environment.choose()).isEqualTo(1);
        assertThat(environment.choose(1)).isEqualTo(2);
    }
}

package io.crowfly.bench.policies.policy;

import static io.crowfly.bench.policies.policy.FakeWorld.MS;
import static io.crowfly.bench.policies.policy.FakeWorld.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.policy.Policies.Named;
import io.crowfly.bench.policies.policy.Reports.Report;
import org.junit.jupiter.api.Test;

/** What defines each of those that ours is compared with. */
class BaselinesTest {

    private final FakeWorld world = new FakeWorld(3);

    @Test
    void noneGoesWhereItHasFailedAndAllGoSomewhere() {
        for (Named named : Policies.ALL) {
            FakeWorld fresh = new FakeWorld(3);
            fresh.policy = named.factory().apply(fresh.surroundings);
            fresh.pass(SECOND);
            for (int i = 0; i < 20; i++) {
                assertThat(fresh.choose(0, 2)).as(named.name()).isEqualTo(1);
                assertThat(fresh.choose(1)).as(named.name()).isIn(0, 2);
            }
        }
    }

    @Test
    void roundRobinGoesRound() {
        world.policy = new RoundRobin(world.surroundings);

        assertThat(world.inTurn(6)).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(world.choose(0)).isEqualTo(1);
        assertThat(world.choose()).isEqualTo(2);
    }

    @Test
    void randomIsFair() {
        world.policy = new RandomChoice(world.surroundings);

        assertThat(world.choices(3000)).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(900, 1100);
            }
        });
    }

    @Test
    void leastRequestsTakesTheEmptierOfTwoDrawn() {
        world.policy = new LeastRequests(world.surroundings);
        world.send(0);
        world.send(0);
        world.send(1);

        int[] counts = world.choices(3000);

        // 0 loses to whoever it is drawn with; 2 wins two pairs of three.
        assertThat(counts[0]).isZero();
        assertThat(counts[1]).isBetween(900, 1100);
        assertThat(counts[2]).isBetween(1900, 2100);
    }

    @Test
    void leastRequestsForgetsWhatIsOver() {
        world.policy = new LeastRequests(world.surroundings);
        world.answer(0, MS);
        world.fail(0, new Failure.Refused(), MS);

        assertThat(world.choices(3000)[0]).isPositive();
    }

    @Test
    void peakEwmaBelievesAPeakAtOnceAndForgetsItSlowly() {
        world.policy = new PeakEwma(world.surroundings);
        for (int b = 0; b < 3; b++) {
            world.answer(b, 100 * MS);
        }
        world.answer(0, 5 * SECOND);
        world.answer(0, 100 * MS);

        assertThat(world.choices(300)[0]).isZero();

        // Nothing is observed any more: the cost of all sinks alike, and after long silence fresh answers decide.
        world.pass(60 * SECOND);
        world.answer(1, 100 * MS);
        world.answer(2, 100 * MS);
        assertThat(world.choices(300)[0]).isPositive();
    }

    @Test
    void peakEwmaMultipliesByTheRequestsInFlight() {
        world.policy = new PeakEwma(world.surroundings);
        world.answer(0, 100 * MS);
        world.answer(1, 250 * MS);
        world.answer(2, 250 * MS);
        world.send(0);
        world.send(0);

        assertThat(world.choices(300)[0]).as("100 ms × 3 against 250 ms").isZero();
    }

    @Test
    void liteLlmTriesWhatItDoesNotKnowThenTakesTheLowestAverageWithinItsBuffer() {
        world.policy = LiteLlmLatency.averages(world.surroundings);
        world.answer(0, 100 * MS);
        world.answer(1, 105 * MS);
        assertThat(world.choices(10)[2]).isEqualTo(10);

        world.answer(2, 200 * MS);
        int[] counts = world.choices(1000);
        assertThat(counts[0]).isBetween(400, 600);
        assertThat(counts[1]).isBetween(400, 600);
        assertThat(counts[2]).isZero();
    }

    @Test
    void liteLlmPunishesATimeoutUntilItsWindowHasForgotten() {
        world.policy = LiteLlmLatency.averages(world.surroundings);
        world.answer(0, 100 * MS);
        world.answer(1, 300 * MS);
        world.answer(2, 300 * MS);
        world.fail(0, new Failure.ServerError(500), MS);
        assertThat(world.choose()).as("other failures leave no trace").isZero();

        world.fail(0, new Failure.Timeout(SECOND), SECOND);
        assertThat(world.choices(100)[0]).isZero();

        for (int i = 0; i < 10; i++) {
            world.answer(0, 100 * MS);
        }
        assertThat(world.choose()).isZero();
    }

    @Test
    void liteLlmsPercentileLooksAtTheTail() {
        world.policy = LiteLlmLatency.percentiles(world.surroundings);
        for (int i = 0; i < 10; i++) {
            world.answer(0, i < 8 ? 100 * MS : 1500 * MS);
            world.answer(1, 420 * MS);
            world.answer(2, 500 * MS);
        }

        // The average of 0 is 380 ms, but its 90th percentile is 1.5 s.
        assertThat(world.choose()).isEqualTo(1);
    }

    @Test
    void prequalTakesTheColdServerWithTheLowestLatencyAndOfHotOnesTheLeastBusy() {
        FakeWorld many = new FakeWorld(10);
        for (int b = 0; b < 10; b++) {
            many.reports[b] = new Report(1, 100e6 + b * 10e6);
        }
        many.reports[0] = new Report(90, 1e6); // quickest to answer, but far hotter than the rest
        many.policy = new Prequal(many.surroundings);

        int[] counts = many.choices(1000);

        assertThat(counts[0]).isLessThan(20);
        assertThat(counts[1]).isGreaterThan(counts[9]);
    }

    @Test
    void prequalsProbesAgeOut() {
        world.policy = new Prequal(world.surroundings);
        world.reports[0] = new Report(0, 1e3);
        world.choose();
        world.reports[0] = new Report(0, 9e9);
        world.pass(2 * SECOND);

        assertThat(world.choices(100)[0]).isLessThan(50);
    }

    @Test
    void prequalLeavesAServerAloneThatErred() {
        world.policy = new Prequal(world.surroundings);
        world.reports[0] = new Report(0, 1e3);
        world.fail(0, new Failure.ServerError(500), MS);

        assertThat(world.choices(50)[0]).isLessThan(20);
    }

    @Test
    void dialogueCountsRequestsInFlightAndRemembersFailures() {
        world.policy = new DialogueBalanced(world.surroundings);
        world.send(1);
        world.send(2);
        assertThat(world.choices(20)[0]).isEqualTo(20);

        world.fail(0, new Failure.ServerError(503), MS);
        assertThat(world.choices(100)[0]).isZero();

        world.pass(150 * SECOND); // five half-lives: 10 is 0.3, which rounds to nothing
        assertThat(world.choices(100)[0]).isEqualTo(100);
    }

    @Test
    void dialogueThinksLittleOfA429() {
        world.policy = new DialogueBalanced(world.surroundings);
        world.send(1);
        world.send(2);
        world.fail(0, new Failure.TooManyRequests(SECOND), MS);

        assertThat(world.choices(20)[0]).isEqualTo(20);
    }

    @Test
    void probesOnlyGoesWhereProbesComeBackSoonestWhateverRequestsTell() {
        world.probeNanos[0] = 30 * MS;
        world.probeNanos[1] = 10 * MS;
        world.probeNanos[2] = 20 * MS;
        world.policy = new ProbesOnly(world.surroundings);
        world.pass(SECOND);
        world.answer(1, 9 * SECOND);

        assertThat(world.choose()).isEqualTo(1);
        assertThat(world.choose(1)).isEqualTo(2);
    }

    @Test
    void probesOnlyLeavesAfterThreeFailuresAndComesBackAfterTwoSuccesses() {
        world.probeNanos[0] = 10 * MS;
        world.probeNanos[1] = 20 * MS;
        world.probeNanos[2] = 20 * MS;
        world.policy = new ProbesOnly(world.surroundings);
        world.pass(SECOND / 2);
        world.probeNanos[0] = -1;
        world.pass(2 * SECOND);
        assertThat(world.choose()).isZero();
        world.pass(2 * SECOND);
        assertThat(world.choose()).isNotZero();

        world.probeNanos[0] = 10 * MS;
        world.pass(5 * SECOND);
        assertThat(world.choose()).isZero();
    }

    @Test
    void theOracleGoesByTheTruth() {
        world.expectedNanos[0] = 3;
        world.expectedNanos[1] = 1;
        world.expectedNanos[2] = 2;
        world.policy = new Oracle(world.surroundings);

        assertThat(world.choose()).isEqualTo(1);
        assertThat(world.choose(1)).isEqualTo(2);
    }
}

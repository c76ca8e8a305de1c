package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.IDLE;
import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.cost;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.conf.Policy;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.LoadCurve;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ChooserTest {

    private static final int REQUESTS = 20_000;
    private static final long TOLERANCE_NANOS = 5 * MILLI;

    private final Chooser chooser = new Chooser(new SplittableRandom(11));
    private final ExplorationBudget budget = new ExplorationBudget(0);
    private final List<Candidate> list = new ArrayList<>();
    private final long[] inFlight = new long[10];
    private Tiers tiers = Tiers.ONE;
    private final boolean[] idleConnection = new boolean[10];

    private final BackendLoad load = new BackendLoad() {
        @Override
        public long inFlight(int index) {
            return inFlight[index];
        }

        @Override
        public boolean hasIdleConnection(int index) {
            return idleConnection[index];
        }
    };

    private void candidate(double millis, double share) {
        candidate(cost(millis, LoadCurve.flatUpTo(10)), share);
    }

    /** Adds a candidate whose place in the conf is its place in the list. */
    private void candidate(Cost cost, double share) {
        candidate(cost, share, 1);
    }

    private void candidate(Cost cost, double share, int tier) {
        int index = list.size();
        list.add(new Candidate(
                index,
                snapshot(backend("b" + index, tier, Map.of()), 100),
                ModelHealth.HEALTHY,
                forecast(100),
                cost,
                share,
                false,
                ""));
    }

    private Candidates candidates(Policy policy, int open, Exploration exploration) {
        return new Candidates(policy, list, open, true, false, Optional.empty(), TOLERANCE_NANOS, exploration, tiers);
    }

    /** Returns an exploration of the second candidate that is due. */
    private Exploration due(double share) {
        return new Exploration(share, 1, 1, budget, new AtomicBoolean());
    }

    private Candidates candidates() {
        return candidates(Policy.LOWEST_LATENCY, list.size(), Exploration.NONE);
    }

    /** Returns the shares of many requests, none of which stays in flight. */
    private double[] drawn(Candidates candidates) {
        int[] counts = new int[list.size()];
        for (int i = 0; i < REQUESTS; i++) {
            counts[chooser.chooseFirst(candidates, load, false)]++;
        }
        return Arrays.stream(counts)
                .mapToDouble(count -> (double) count / REQUESTS)
                .toArray();
    }

    @Test
    void drawsByShare() {
        candidate(100, 0.6);
        candidate(200, 0.3);
        candidate(300, 0.1);
        candidate(400, 0);
        double[] drawn = drawn(candidates());
        assertThat(drawn[0]).isCloseTo(0.6, within(0.02));
        assertThat(drawn[1]).isCloseTo(0.3, within(0.02));
        assertThat(drawn[2]).isCloseTo(0.1, within(0.02));
        assertThat(drawn[3]).isZero();
    }

    @Test
    void choosesNoneIfNoneIsOpenAndTheOnlyOpenOne() {
        candidate(100, 0);
        candidate(100, 0);
        for (Policy policy : Policy.values()) {
            assertThat(chooser.chooseFirst(candidates(policy, 0, Exploration.NONE), load, true))
                    .isEqualTo(Chooser.NONE);
            assertThat(chooser.chooseFirst(candidates(policy, 1, Exploration.NONE), load, true))
                    .isZero();
        }
        assertThat(chooser.chooseFirst(Candidates.NONE, load, true)).isEqualTo(Chooser.NONE);
    }

    @Test
    void prefersAnIdleConnectionAmongEquals() {
        candidate(100, 0.5);
        candidate(102, 0.5);
        idleConnection[1] = true;
        assertThat(drawn(candidates())[1]).isCloseTo(0.75, within(0.02)); // chosen if either draw finds it
    }

    @Test
    void anIdleConnectionDoesNotOutweighMoreThanTheTolerance() {
        candidate(100, 0.5);
        candidate(110, 0.5);
        idleConnection[1] = true;
        assertThat(drawn(candidates())[1]).isCloseTo(0.5, within(0.02));
    }

    @Test
    void prefersFewerInFlightRelativeToTheShareAmongEquals() {
        candidate(100, 0.5);
        candidate(100, 0.5);
        inFlight[0] = 5;
        inFlight[1] = 4;
        assertThat(drawn(candidates())[1]).isCloseTo(0.75, within(0.02));
    }

    @Test
    void keepsRequestsInFlightInProportionToTheShares() {
        candidate(100, 0.5);
        candidate(100, 0.5);
        for (int i = 0; i < 14; i++) {
            inFlight[chooser.chooseFirst(candidates(), load, false)]++;
        }
        assertThat(Math.abs(inFlight[0] - inFlight[1])).isLessThanOrEqualTo(4);
    }

    @Test
    void avoidsABackendSlowedByOurRequests() {
        candidate(100, 1);
        candidate(140, 0);
        inFlight[0] = 11;
        assertThat(drawn(candidates())).containsExactly(1, 0); // 12 in flight, of which 10 are served at once: 120 ms
        inFlight[0] = 19;
        assertThat(drawn(candidates())).containsExactly(0, 1); // 200 ms
        inFlight[1] = 30;
        assertThat(drawn(candidates())).containsExactly(1, 0);
    }

    @Test
    void leavesADifferenceThatIsPlannedToTheShares() {
        candidate(Cost.of(100 * MILLI, 0, LoadCurve.flatUpTo(10), 20, 1), 1); // planned for 200 ms
        candidate(140, 0);
        inFlight[0] = 19;
        assertThat(drawn(candidates())).containsExactly(1, 0);
        inFlight[0] = 29;
        assertThat(drawn(candidates())).containsExactly(0, 1);
    }

    @Test
    void movesAtOnceIfADifferenceIsCertain() {
        candidate(Cost.of(140 * MILLI, 0, LoadCurve.FLAT, 1, 0.02), 1);
        candidate(Cost.of(100 * MILLI, 0, LoadCurve.FLAT, 1, 0.02), 0);
        assertThat(drawn(candidates())).containsExactly(0, 1);
    }

    @Test
    void leavesAnUncertainDifferenceToTheShares() {
        candidate(Cost.of(105 * MILLI, 0, LoadCurve.FLAT, 1, 0.02), 1);
        candidate(Cost.of(100 * MILLI, 0, LoadCurve.FLAT, 1, 0.02), 0);
        assertThat(drawn(candidates())).containsExactly(1, 0);
    }

    @Test
    void sendsARequestToTheNextTierWhileTheTierHasNoRoom() {
        candidate(cost(100, LoadCurve.flatUpTo(10)), 1, 1);
        candidate(cost(50, LoadCurve.flatUpTo(10)), 0, 2);
        tiers = new Tiers(1, 200 * MILLI, 250 * MILLI, true, Optional.empty());
        inFlight[0] = 24; // 250 ms with one more
        assertThat(drawn(candidates())).containsExactly(1, 0);
        inFlight[0] = 25; // 260 ms
        assertThat(drawn(candidates())).containsExactly(0, 1);
        assertThat(chooser.reason()).isEqualTo(Chooser.Reason.OVERFLOW);
        inFlight[1] = 11; // 60 ms
        assertThat(drawn(candidates())).containsExactly(1, 0);
        assertThat(chooser.reason()).isEqualTo(Chooser.Reason.SHARE);
    }

    @Test
    void aTierHasRoomIfAnyOfItsBackendsHas() {
        candidate(cost(100, LoadCurve.flatUpTo(10)), 1, 1);
        candidate(cost(120, LoadCurve.flatUpTo(10)), 0, 1);
        candidate(cost(50, LoadCurve.flatUpTo(10)), 0, 2);
        tiers = new Tiers(2, 200 * MILLI, 250 * MILLI, true, Optional.empty());
        inFlight[0] = 99;
        assertThat(drawn(candidates())).containsExactly(0, 1, 0);
        inFlight[1] = 99;
        assertThat(drawn(candidates())).containsExactly(0, 0, 1);
    }

    @Test
    void withoutALimitNoLoadSendsARequestToTheNextTier() {
        candidate(cost(100, LoadCurve.flatUpTo(10)), 1, 1);
        candidate(cost(50, LoadCurve.flatUpTo(10)), 0, 2);
        tiers = new Tiers(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, true, Optional.empty());
        inFlight[0] = 5000;
        assertThat(drawn(candidates())).containsExactly(1, 0);
    }

    @Test
    void aLowerTierTakesWhatAnOverloadedTierCannot() {
        candidate(cost(50, LoadCurve.flatUpTo(10)), 1, 2);
        candidate(cost(400, LoadCurve.flatUpTo(10)), 0, 1);
        tiers = new Tiers(1, 200 * MILLI, 240 * MILLI, false, Optional.of(Overflow.SLOWER));
        inFlight[0] = 40; // 205 ms
        assertThat(drawn(candidates())).containsExactly(1, 0);
        inFlight[0] = 60; // 305 ms, more than 400 ms without 80 % of the tolerance
        assertThat(drawn(candidates())).containsExactly(0, 1);
    }

    @Test
    void neverMovesToAClosedBackend() {
        candidate(100, 0.9);
        candidate(300, 0.1);
        candidate(10, 0);
        inFlight[0] = 1000;
        inFlight[1] = 1000;
        assertThat(drawn(candidates(Policy.LOWEST_LATENCY, 2, Exploration.NONE))[2])
                .isZero();
    }

    @Test
    void exploresNoMoreThanItsShare() {
        candidate(100, 1);
        candidate(100, 0);
        int explored = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Candidates always = candidates(Policy.LOWEST_LATENCY, 2, due(0.01));
            explored += chooser.chooseFirst(always, IDLE, true);
        }
        assertThat(explored).isBetween((int) (0.0099 * REQUESTS), (int) (0.01 * REQUESTS));
    }

    @Test
    void doesNotAccumulateExplorationForABurst() {
        candidate(100, 1);
        candidate(100, 0);
        Candidates nothing = candidates(Policy.LOWEST_LATENCY, 2, Exploration.none(0.01));
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(chooser.chooseFirst(nothing, IDLE, true)).isZero();
        }
        int explored = 0;
        for (int i = 0; i < 50; i++) {
            explored += chooser.chooseFirst(candidates(Policy.LOWEST_LATENCY, 2, due(0.01)), IDLE, true);
        }
        assertThat(explored).isLessThanOrEqualTo(4);
    }

    @Test
    void takesAPermitOnceAndOnlyForARequestThatMayExplore() {
        candidate(100, 1);
        candidate(100, 0);
        Candidates one = candidates(Policy.LOWEST_LATENCY, 2, due(1));
        assertThat(chooser.chooseFirst(one, IDLE, false)).isZero();
        assertThat(chooser.chooseFirst(one, IDLE, true)).isEqualTo(1);
        assertThat(chooser.chooseFirst(one, IDLE, true)).isZero();
        assertThat(new Chooser(new SplittableRandom(1)).chooseFirst(one, IDLE, true))
                .isZero();
    }

    @Test
    void continuesWithTheBestUntriedBackend() {
        candidate(100, 0.5);
        candidate(200, 0.5);
        candidate(300, 0);
        candidate(400, 0);
        Candidates candidates = candidates(Policy.LOWEST_LATENCY, 3, Exploration.NONE);
        assertThat(chooser.chooseNext(candidates, new int[] {1, 9, 9}, 1)).isZero();
        assertThat(chooser.chooseNext(candidates, new int[] {1, 0, 9}, 2)).isEqualTo(2);
        assertThat(chooser.chooseNext(candidates, new int[] {1, 0, 2}, 3)).isEqualTo(Chooser.NONE);
    }

    @Test
    void roundRobinChoosesOpenBackendsInTurn() {
        candidate(100, 1);
        candidate(200, 0);
        candidate(300, 0);
        Candidates candidates = candidates(Policy.ROUND_ROBIN, 2, Exploration.NONE);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            places.add(chooser.chooseFirst(candidates, load, true));
        }
        assertThat(places).containsExactly(0, 1, 0, 1, 0);
    }

    @Test
    void weightedDrawsByShareWhateverTheLoad() {
        candidate(100, 0.25);
        candidate(900, 0.75);
        inFlight[1] = 50;
        assertThat(drawn(candidates(Policy.WEIGHTED, 2, Exploration.NONE))[1]).isCloseTo(0.75, within(0.02));
    }

    @Test
    void leastRequestsTakesTheLessBusyOfTwoDraws() {
        candidate(100, 1);
        candidate(900, 0);
        candidate(100, 0);
        inFlight[0] = 5;
        inFlight[1] = 1;
        inFlight[2] = 9;
        double[] drawn = drawn(candidates(Policy.LEAST_REQUESTS, 3, Exploration.NONE));
        assertThat(drawn[1]).isCloseTo(5 / 9.0, within(0.02));
        assertThat(drawn[0]).isCloseTo(3 / 9.0, within(0.02));
        assertThat(drawn[2]).isCloseTo(1 / 9.0, within(0.02));
    }

    @Test
    void aDecisionAllocatesNothing() {
        candidate(100, 0.5);
        candidate(102, 0.3);
        candidate(300, 0.2);
        Candidates candidates = candidates();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] tried = {0};
        int sum = 0;
        // The first round includes one-time allocations, such as loading of classes.
        long[] allocated = new long[2];
        for (int round = 0; round < allocated.length; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < REQUESTS; i++) {
                inFlight[0] = i % 30;
                sum += chooser.chooseFirst(candidates, load, true) + chooser.chooseNext(candidates, tried, 1);
            }
            allocated[round] = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(sum).isPositive();
        assertThat(allocated[1]).as("bytes for %s requests", REQUESTS).isLessThan(REQUESTS);
    }
}

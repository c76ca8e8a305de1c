package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The first entry gets all requests and takes 100 ms. */
class ExplorerTest {

    private final Explorer explorer = new Explorer(0.01, 200 * MILLI, new ExplorationBudget(0));
    private long now = SECOND;

    private static PlanEntry used() {
        PlanEntry entry = RoutingFixtures.entry(0, 100);
        entry.preferred = true;
        entry.share = 1;
        return entry;
    }

    /** Returns an entry that gets no requests; predicted to take {@code millis}. */
    private static PlanEntry idle(int index, int tier, double millis, double hopedMillis) {
        PlanEntry entry = RoutingFixtures.entry(index, tier, forecast(hopedMillis, millis, 0.3, hopedMillis), true);
        entry.preferred = tier == 1;
        return entry;
    }

    private static PlanEntry idle(int index, double hopedMillis) {
        return idle(index, 1, 300, hopedMillis);
    }

    private Exploration choose(PlanEntry... entries) {
        now += 50 * MILLI;
        return explorer.choose(List.of(entries), now);
    }

    @Test
    void exploresABackendThatMayBeBetterThanTheBest() {
        Exploration exploration = choose(used(), idle(1, 60));
        assertThat(exploration.place()).isEqualTo(1);
        assertThat(exploration.share()).isEqualTo(0.01);
        assertThat(exploration.tryTake(1)).isTrue();
    }

    @Test
    void exploresNoneWhoseOptimisticCostIsNotBetter() {
        Exploration exploration = choose(used(), idle(1, 120));
        assertThat(exploration.tryTake(1)).isFalse();
        assertThat(exploration.share()).isEqualTo(0.01); // so that credit still accumulates
    }

    @Test
    void exploresNoneThatIsClosedOrGetsRequests() {
        PlanEntry closed = idle(1, 60);
        closed.open = false;
        PlanEntry shared = idle(2, 60);
        shared.share = 0.1;
        assertThat(choose(used(), closed, shared).tryTake(1)).isFalse();
    }

    @Test
    void exploresTheBackendWithTheGreatestExpectedGain() {
        assertThat(choose(used(), idle(1, 1, 300, 50), idle(2, 1, 150, 80), idle(3, 1, 200, 10))
                        .place())
                .isEqualTo(3);
    }

    @Test
    void ofTwoBackendsWithOldSamplesTheOneThatWasFasterIsExploredMoreOften() {
        int[] explorations = new int[3];
        for (int tick = 0; tick < 2400; tick++) { // two minutes with one exploration in two seconds
            PlanEntry recovering = idle(1, 1, 300, 60);
            recovering.unknownCost = 50 * MILLI;
            PlanEntry farther = idle(2, 1, 140, 130);
            farther.unknownCost = 50 * MILLI;
            Exploration exploration = choose(used(), recovering, farther);
            if (exploration.tryTake(0.025)) {
                explorations[exploration.place()]++;
            }
        }
        assertThat(explorations[1]).isGreaterThan(4 * explorations[2]);
        assertThat(explorations[2]).isPositive();
    }

    @Test
    void exploresAnotherTierOnlyIfItMayTakeOver() {
        assertThat(choose(used(), idle(1, 2, 300, 50)).tryTake(1)).isFalse();
        PlanEntry slow = RoutingFixtures.entry(0, 400);
        slow.preferred = true;
        slow.share = 1;
        assertThat(choose(slow, idle(1, 2, 300, 150)).place()).isEqualTo(1);
        assertThat(new Explorer(0.01, Long.MAX_VALUE, new ExplorationBudget(0))
                        .choose(List.of(slow, idle(1, 2, 300, 1)), now)
                        .tryTake(1))
                .isFalse();
    }

    @Test
    void anUntakenPermitStaysValidOnce() {
        Exploration first = choose(used(), idle(1, 60));
        Exploration second = choose(used(), idle(1, 60));
        assertThat(second.tryTake(1)).isTrue();
        assertThat(first.tryTake(1)).isFalse();
    }

    @Test
    void pausesBetweenExplorationsOfOneBackend() {
        assertThat(choose(used(), idle(1, 60)).tryTake(1)).isTrue();
        int ticks = 1;
        while (!choose(used(), idle(1, 60)).tryTake(1)) {
            ticks++;
        }
        assertThat(ticks).isBetween(10, 12); // half a second, in steps of 50 ms
    }

    @Test
    void exploresAnotherDuringThePause() {
        assertThat(choose(used(), idle(1, 60), idle(2, 1, 400, 60)).place()).isEqualTo(1);
        assertThat(choose(used(), idle(1, 60), idle(2, 1, 400, 60)).tryTake(1)).isTrue();
        assertThat(choose(used(), idle(1, 60), idle(2, 1, 400, 60)).place()).isEqualTo(2);
    }

    @Test
    void exploresNoneWithoutAShareThatGetsRequestsNonetheless() {
        PlanEntry recent = idle(2, 1, 200, 50);
        Forecast forecast = recent.forecast;
        Forecast sampled = new Forecast(
                forecast.prediction(),
                forecast.optimisticLogService(),
                now,
                0,
                forecast.ordinaryLogService(),
                forecast.loadCurve());
        recent = RoutingFixtures.entry(2, 1, sampled, true);
        recent.preferred = true;
        assertThat(choose(used(), idle(1, 60), recent).place()).isEqualTo(1);
    }

    /** Returns an idle entry of 900 ms whose last sample is old; unknown, it could take {@code unknownMillis}. */
    private static PlanEntry slow(int index, double unknownMillis) {
        PlanEntry entry = idle(index, 1, 900, 800);
        entry.unknownCost = unknownMillis * MILLI;
        return entry;
    }

    @Test
    void exploresASlowBackendWhenItsKnowledgeIsOld() {
        assertThat(choose(used(), slow(1, 60)).isDue()).isFalse();
        now += 3 * SECOND;
        assertThat(choose(used(), slow(1, 60)).place()).isEqualTo(1);
    }

    @Test
    void aSampleOfAProbeCountsAsExploration() {
        now += 10 * SECOND;
        Forecast slow = forecast(800, 900, 0.3, 800);
        Forecast probed = new Forecast(
                slow.prediction(),
                slow.optimisticLogService(),
                now - SECOND,
                0,
                slow.ordinaryLogService(),
                slow.loadCurve());
        PlanEntry entry = RoutingFixtures.entry(1, 1, probed, true);
        entry.preferred = true;
        entry.unknownCost = 60 * MILLI;
        assertThat(choose(used(), entry).isDue()).isFalse();
    }

    @Test
    void exploresNoBackendThatWouldBeWorseEvenIfNothingWereKnownOfIt() {
        now += 1000 * SECOND;
        assertThat(choose(used(), slow(1, 120)).isDue()).isFalse();
    }

    @Test
    void aFurtherExplorationOfAVerySlowBackendHasAHigherPrice() {
        for (int i = 0; i < 2; i++) {
            now += 10 * SECOND;
            Exploration exploration = choose(used(), verySlow());
            assertThat(exploration.price()).isEqualTo(1);
            assertThat(exploration.tryTake(1)).isTrue();
            choose(used(), verySlow());
        }
        now += 10 * SECOND;
        assertThat(choose(used(), verySlow()).price()).isGreaterThan(5);
    }

    @Test
    void ofTwoUnknownBackendsTheMuchSlowerIsExploredSooner() {
        now += 10 * SECOND;
        PlanEntry little = idle(2, 1, 110, 109);
        little.unknownCost = 60 * MILLI;
        assertThat(choose(used(), slow(1, 60), little).tryTake(1)).isTrue();
        assertThat(choose(used(), slow(1, 60), little).place()).isEqualTo(2);
        assertThat(choose(used(), slow(1, 60), little).tryTake(1)).isTrue();
        now += 10 * SECOND;
        assertThat(choose(used(), slow(1, 60), little).place()).isEqualTo(1);
    }

    @Test
    void requestsThatWaitForAResponseDoNotRaiseThePrice() {
        for (int i = 0; i < 5; i++) {
            now += 10 * SECOND;
            Exploration exploration = choose(used(), frozen());
            assertThat(exploration.price()).isEqualTo(1);
            assertThat(exploration.tryTake(1)).isTrue();
            choose(used(), frozen());
        }
    }

    /** Returns an idle entry of 200 ms, with requests in flight by which a further one would take 5 s. */
    private static PlanEntry frozen() {
        PlanEntry frozen = idle(1, 1, 200, 190);
        Cost cost = Cost.of(200 * MILLI, 0, LoadCurve.flatUpTo(4), 100, 0.3);
        frozen.set(frozen.model, frozen.forecast, cost, frozen.ordinaryCost, frozen.optimisticCost);
        frozen.preferred = true;
        frozen.unknownCost = 60 * MILLI;
        return frozen;
    }

    private static PlanEntry verySlow() {
        PlanEntry entry = idle(1, 1, 9000, 8000);
        entry.unknownCost = 60 * MILLI;
        return entry;
    }

    @Test
    void exploresALowerTierThatMayTakeOverAgain() {
        PlanEntry overflow = used();
        PlanEntry paid = RoutingFixtures.entry(1, 0, forecast(900, 900, 0.3, 800), true);
        paid.unknownCost = 240 * MILLI; // within the tolerance of 200 ms
        now += 10 * SECOND;
        assertThat(choose(overflow, paid).place()).isEqualTo(1);
    }
}

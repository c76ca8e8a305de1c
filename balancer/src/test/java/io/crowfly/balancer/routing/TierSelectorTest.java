package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.entry;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.LoadCurve;
import java.util.List;
import org.junit.jupiter.api.Test;

class TierSelectorTest {

    private final TierSelector within200 = new TierSelector(200 * MILLI);
    private final TierSelector unlimited = new TierSelector(Long.MAX_VALUE);

    private static PlanEntry first(double millis, boolean open) {
        return entry(0, 1, forecast(millis), open);
    }

    private static PlanEntry overflow(double millis) {
        return entry(1, 2, forecast(millis), true);
    }

    private static List<Integer> preferred(TierSelector tiers, long now, PlanEntry... entries) {
        List<PlanEntry> list = List.of(entries);
        tiers.markPreferred(list, now);
        return list.stream().filter(e -> e.preferred).map(e -> e.index).toList();
    }

    @Test
    void aLowerTierKeepsTheRequestsWithinTheTolerance() {
        assertThat(preferred(within200, 0, first(590, true), overflow(400))).containsExactly(0);
        assertThat(preferred(within200, 0, first(610, true), overflow(400))).containsExactly(1);
    }

    @Test
    void withoutALimitALowerTierKeepsTheRequestsEvenIfSlow() {
        assertThat(preferred(unlimited, 0, first(60_000, true), overflow(10))).containsExactly(0);
    }

    @Test
    void withoutALimitALowerTierLosesTheRequestsWhenClosed() {
        assertThat(preferred(unlimited, 0, first(10, false), overflow(400))).containsExactly(1);
    }

    @Test
    void ourOwnLoadDoesNotDisqualifyATier() {
        PlanEntry loaded = first(300, true);
        Cost cost = Cost.of(300 * MILLI, 0, LoadCurve.flatUpTo(4), 100, 0.02);
        loaded.set(loaded.model, loaded.forecast, cost, loaded.ordinaryCost, loaded.optimisticCost);
        assertThat(preferred(within200, 0, loaded, overflow(250))).containsExactly(0);
    }

    @Test
    void allOpenBackendsOfTheTierArePreferred() {
        PlanEntry slower = entry(2, 1, forecast(900), true);
        assertThat(preferred(within200, 0, first(300, true), overflow(250), slower))
                .containsExactly(0, 2);
    }

    @Test
    void noneIsPreferredIfNoneIsOpen() {
        assertThat(preferred(within200, 0, first(300, false))).isEmpty();
    }

    @Test
    void reportsWhenALowerTierTookOverAgain() {
        preferred(within200, 1, first(300, true), overflow(300));
        assertThat(within200.returnedAtNanos()).isEqualTo(Long.MIN_VALUE);
        preferred(within200, 2, first(900, true), overflow(300));
        assertThat(within200.returnedAtNanos()).isEqualTo(Long.MIN_VALUE);
        preferred(within200, 3, first(300, true), overflow(300));
        preferred(within200, 4, first(300, true), overflow(300));
        assertThat(within200.returnedAtNanos()).isEqualTo(3);
    }
}

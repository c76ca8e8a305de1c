package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.entry;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.probes.forecast.Forecast;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrafficSharesTest {

    private static final double TOLERANCE = 0.05;
    private static final long TICK = 50 * MILLI;

    private TrafficShares shares = new TrafficShares(300, true);
    private long now = SECOND;
    private long tierReturned = Long.MIN_VALUE;
    private double[] result = {};

    /** Updates the shares one tick after the last update. */
    private void plan(List<PlanEntry> entries) {
        now += TICK;
        int lowest =
                entries.stream().filter(e -> e.open).mapToInt(e -> e.tier).min().orElse(0);
        entries.forEach(e -> e.preferred = e.open && e.tier == lowest);
        shares.update(entries, TOLERANCE, tierReturned, now);
        result = new double[entries.size()];
        entries.forEach(e -> result[e.index] = e.share);
    }

    private void plan(double seconds, PlanEntry... entries) {
        for (int i = 0; i < seconds * SECOND / TICK; i++) {
            plan(List.of(entries));
        }
    }

    private static PlanEntry closed(int index, double millis) {
        return entry(index, 1, forecast(millis), false);
    }

    /** Returns an entry with different ordinary and present times. */
    private static PlanEntry unusual(int index, double ordinaryMillis, double millis) {
        return entry(index, 1, forecast(ordinaryMillis, millis, 0.02, ordinaryMillis), true);
    }

    @Test
    void theOnlyOneGetsEverything() {
        plan(1, entry(0, 100));
        assertThat(result).containsExactly(1);
    }

    @Test
    void noneGetsAShareIfNoneIsOpen() {
        plan(1, closed(0, 100), closed(1, 100));
        assertThat(result).containsExactly(0, 0);
    }

    @Test
    void theCheapestGetsEverythingEventually() {
        plan(20, entry(0, 100), entry(1, 150), entry(2, 300));
        assertThat(result).containsExactly(1, 0, 0);
    }

    @Test
    void backendsThatAreCertainlyEqualConvergeToEqualShares() {
        Forecast sure = forecast(100, 100, 0.001, 100);
        plan(5, entry(0, 100), entry(1, 130));
        assertThat(result[0]).isGreaterThan(0.9);
        plan(600, entry(0, 1, sure, true), entry(1, 1, sure, true));
        assertThat(result[0]).isCloseTo(0.5, within(0.05));
    }

    @Test
    void noBackendKeepsAlmostAllIfAnotherIsEqual() {
        plan(5, entry(0, 100), entry(1, 130));
        plan(60, entry(0, 100), entry(1, 100));
        assertThat(result[0]).isBetween(0.5, 0.9);
    }

    @Test
    void aBackendLosesItsShareWithinASecondOfAThreefoldSlowdown() {
        plan(60, entry(0, 100), entry(1, 110));
        assertThat(result[0]).isGreaterThan(0.5);
        plan(1, unusual(0, 100, 300), entry(1, 110));
        assertThat(result[0]).isZero();
        assertThat(result[1]).isEqualTo(1);
    }

    @Test
    void aSomewhatSlowerBackendLosesItsShareSlowly() {
        plan(300, entry(0, 100), entry(1, 100));
        double before = result[0];
        plan(0.5, unusual(0, 100, 115), entry(1, 100));
        assertThat(result[0]).isBetween(before / 2, before);
    }

    @Test
    void aLargeDifferenceThatIsUncertainMovesSharesSlowly() {
        plan(300, entry(0, 100), entry(1, 100));
        plan(1, entry(0, 100), entry(1, 1, forecast(200, 200, 0.6, 200), true));
        assertThat(result[1]).isGreaterThan(0.05);
    }

    @Test
    void aDifferenceWithinTheUncertaintyMovesNothing() {
        Forecast unsure = forecast(110, 110, 0.3, 110);
        plan(300, entry(0, 100), entry(1, 100));
        double before = result[1];
        plan(5, entry(0, 100), entry(1, 1, unsure, true));
        assertThat(result[1]).isCloseTo(before, within(0.02));
    }

    @Test
    void aClosedBackendLosesItsShareAtOnce() {
        plan(60, entry(0, 100), entry(1, 100));
        plan(List.of(closed(0, 100), entry(1, 100)));
        assertThat(result).containsExactly(0, 1);
    }

    @Test
    void aReturningBackendRegainsItsShareBySlowStart() {
        plan(120, entry(0, 100), entry(1, 140));
        assertThat(result[0]).isGreaterThan(0.95);
        plan(30, closed(0, 100), entry(1, 140));
        assertThat(result).containsExactly(0, 1);

        double last = 0;
        for (int i = 0; i < 8 * SECOND / TICK; i++) {
            plan(List.of(entry(0, 100), entry(1, 140)));
            assertThat(result[0]).isGreaterThanOrEqualTo(last);
            assertThat(result[0] - last).isLessThan(0.2);
            last = result[0];
        }
        assertThat(last).isGreaterThan(0.9);
    }

    @Test
    void theOnlyBackendHasNoSlowStart() {
        plan(30, closed(0, 100));
        plan(List.of(entry(0, 100)));
        assertThat(result).containsExactly(1);
    }

    @Test
    void aReturningTierRegainsItsShareBySlowStart() {
        PlanEntry overflow = entry(1, 2, forecast(120), true);
        plan(60, entry(0, 100), overflow);
        assertThat(result).containsExactly(1, 0);
        plan(30, closed(0, 100), overflow);
        assertThat(result).containsExactly(0, 1);
        tierReturned = now + TICK;
        plan(List.of(entry(0, 100), overflow));
        assertThat(result[0]).isBetween(0.02, 0.2);
        assertThat(result[1]).isCloseTo(1 - result[0], within(1e-9));
        plan(6, entry(0, 100), overflow);
        assertThat(result).containsExactly(1, 0);
    }

    @Test
    void withoutALimitAReturningTierGetsEverythingAtOnce() {
        shares = new TrafficShares(300, false);
        PlanEntry overflow = entry(2, 2, forecast(120), true);
        plan(60, entry(0, 100), entry(1, 100), overflow);
        plan(30, closed(0, 100), closed(1, 100), overflow);
        tierReturned = now + TICK;
        plan(List.of(entry(0, 100), entry(1, 100), overflow));
        assertThat(result[0] + result[1]).isCloseTo(1, within(1e-9));
        assertThat(result[2]).isZero();
    }

    /** With so many equal backends, each share is below the usual minimum. */
    @Test
    void hundredsOfEqualBackendsShareEqually() {
        plan(many(300, 300));
        plan(many(300, 300));
        assertThat(DoubleStream.of(result).boxed())
                .allSatisfy(share -> assertThat(share).isCloseTo(1.0 / 300, within(1e-9)));
    }

    @Test
    void amongHundredsSlowBackendsGetNothing() {
        plan(many(300, 100));
        assertThat(DoubleStream.of(result).limit(100).boxed())
                .allSatisfy(share -> assertThat(share).isCloseTo(0.01, within(1e-9)));
        assertThat(DoubleStream.of(result).skip(100).sum()).isZero();
    }

    private static List<PlanEntry> many(int count, int fast) {
        return IntStream.range(0, count)
                .mapToObj(index -> entry(index, index < fast ? 100 : 150))
                .toList();
    }

    @Test
    void ignoresATimeThatGoesBackwards() {
        plan(30, entry(0, 100), entry(1, 150));
        double before = result[0];
        now -= 20 * SECOND;
        plan(List.of(entry(0, 100), entry(1, 150)));
        assertThat(result[0]).isCloseTo(before, within(0.01));
    }
}

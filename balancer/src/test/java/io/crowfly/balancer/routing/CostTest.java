package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CostTest {

    @Test
    void isTheCurrentCostUpToTheKnee() {
        Cost cost = new Cost(100, 100, 20, 5, 10);
        assertThat(cost.nanosAt(1)).isEqualTo(100);
        assertThat(cost.nanosAt(10)).isEqualTo(100);
    }

    @Test
    void growsInProportionAboveTheKneeExceptForTheFixedPart() {
        Cost cost = new Cost(100, 100, 20, 5, 10);
        assertThat(cost.nanosAt(20)).isEqualTo(20 + 80 * 2);
        assertThat(cost.nanosAt(50)).isEqualTo(20 + 80 * 5);
    }

    @Test
    void assumesThatFewerRequestsReduceTheExcessOverTheOrdinary() {
        Cost cost = new Cost(100, 300, 0, 20, 50);
        assertThat(cost.nanosAt(20)).isEqualTo(300);
        assertThat(cost.nanosAt(10)).isEqualTo(200);
        assertThat(cost.nanosAt(1)).isCloseTo(110, within(1e-9));
    }

    @Test
    void keepsACurrentCostBelowTheOrdinary() {
        assertThat(new Cost(100, 80, 0, 20, 50).nanosAt(1)).isEqualTo(80);
    }

    @Property(seed = "1", tries = 1_000)
    void neverFallsWithMoreInFlight(
            @ForAll @DoubleRange(min = 1, max = 1e11) double ordinary,
            @ForAll @DoubleRange(min = 1, max = 1e11) double now,
            @ForAll @DoubleRange(min = 0, max = 1) double fixedShare,
            @ForAll @DoubleRange(min = 1, max = 1000) double usualInFlight,
            @ForAll @DoubleRange(min = 4, max = 1000) double knee,
            @ForAll @IntRange(min = 1, max = 5000) int inFlight,
            @ForAll @IntRange(min = 0, max = 5000) int more) {
        Cost cost = new Cost(ordinary, now, fixedShare * Math.min(ordinary, now), usualInFlight, knee);
        assertThat(cost.nanosAt(inFlight)).isFinite().isPositive();
        assertThat(cost.nanosAt(inFlight + more)).isGreaterThanOrEqualTo(cost.nanosAt(inFlight) * (1 - 1e-9));
    }
}

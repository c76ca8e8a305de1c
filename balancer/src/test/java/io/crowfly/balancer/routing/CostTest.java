package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.LoadCurve;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CostTest {

    @Test
    void growsWithTheLoadCurveExceptForTheFixedPart() {
        Cost cost = Cost.of(100, 20, LoadCurve.flatUpTo(10), 1, 0.1);
        assertThat(cost.nanosAt(1)).isEqualTo(100);
        assertThat(cost.nanosAt(10)).isEqualTo(100);
        assertThat(cost.nanosAt(20)).isEqualTo(20 + 80 * 2);
        assertThat(cost.nanosAt(50)).isEqualTo(20 + 80 * 5);
    }

    @Test
    void isPlannedForTheMeanLoad() {
        Cost cost = Cost.of(100, 0, LoadCurve.flatUpTo(10), 25, 0.1);
        assertThat(cost.singleNanos()).isEqualTo(100);
        assertThat(cost.plannedNanos()).isEqualTo(250);
    }

    @Property(seed = "1", tries = 1_000)
    void neverFallsWithMoreInFlight(
            @ForAll @DoubleRange(min = 1, max = 1e11) double single,
            @ForAll @DoubleRange(min = 0, max = 1) double fixedShare,
            @ForAll @DoubleRange(min = 4, max = 1000) double known,
            @ForAll @IntRange(min = 1, max = 5000) int inFlight,
            @ForAll @IntRange(min = 0, max = 5000) int more) {
        Cost cost = Cost.of(single, fixedShare * single, LoadCurve.flatUpTo(known), 1, 0.1);
        assertThat(cost.nanosAt(inFlight)).isFinite().isPositive();
        assertThat(cost.nanosAt(inFlight + more)).isGreaterThanOrEqualTo(cost.nanosAt(inFlight) * (1 - 1e-9));
    }
}

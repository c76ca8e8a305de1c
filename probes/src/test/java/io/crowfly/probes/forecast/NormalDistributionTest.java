package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

/** Compares {@link NormalDistribution} with published tables. */
class NormalDistributionTest {

    @Test
    void computesTheDensity() {
        assertThat(NormalDistribution.density(0)).isCloseTo(0.3989422804, within(1e-10));
        assertThat(NormalDistribution.density(1)).isCloseTo(0.2419707245, within(1e-10));
        assertThat(NormalDistribution.density(-1)).isEqualTo(NormalDistribution.density(1));
    }

    @Test
    void computesTheProbabilityAbove() {
        assertThat(NormalDistribution.probabilityAbove(0)).isCloseTo(0.5, within(1e-7));
        assertThat(NormalDistribution.probabilityAbove(1)).isCloseTo(0.1586552539, within(1e-7));
        assertThat(NormalDistribution.probabilityAbove(1.645)).isCloseTo(0.0499849, within(1e-6));
        assertThat(NormalDistribution.probabilityAbove(3.09)).isCloseTo(0.00100078, within(1e-6));
        assertThat(NormalDistribution.probabilityAbove(-1)).isCloseTo(0.8413447461, within(1e-7));
    }

    @Test
    void computesTheMeanAbove() {
        assertThat(NormalDistribution.meanAbove(0)).isCloseTo(0.7978845608, within(1e-6));
        assertThat(NormalDistribution.meanAbove(1)).isCloseTo(1.5251352761, within(1e-5));
        assertThat(NormalDistribution.meanAbove(-3)).isCloseTo(0.0044378, within(1e-5));
        assertThat(NormalDistribution.meanAbove(5)).isCloseTo(5.1865, withinPercentage(0.3));
    }

    @Test
    void isFiniteFarFromTheMean() {
        for (double x : new double[] {-1e6, -40, 40, 1e6}) {
            assertThat(NormalDistribution.probabilityAbove(x)).isBetween(Double.MIN_NORMAL, 1.0);
            assertThat(NormalDistribution.meanAbove(x)).isFinite().isGreaterThanOrEqualTo(x);
        }
    }
}

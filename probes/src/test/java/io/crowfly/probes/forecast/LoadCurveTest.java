package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class LoadCurveTest {

    private static final double ANY_LOAD = Double.POSITIVE_INFINITY;

    private static LoadCurve curve(double... coefficients) {
        return LoadCurve.of(coefficients, ANY_LOAD);
    }

    @Test
    void isFlatUpToThreeRequestsInFlight() {
        LoadCurve steep = curve(2, 0, 0, 0, 0, 0);
        assertThat(steep.factor(0)).isEqualTo(1);
        assertThat(steep.factor(1)).isEqualTo(1);
        assertThat(steep.factor(3)).isEqualTo(1);
        assertThat(steep.factor(4)).isGreaterThan(1.3);
    }

    @Test
    void aFlatCurveHasNoEffect() {
        assertThat(LoadCurve.FLAT.factor(1)).isEqualTo(1);
        assertThat(LoadCurve.FLAT.factor(100)).isEqualTo(1);
        assertThat(LoadCurve.FLAT.factor(8000)).isEqualTo(1);
    }

    @Test
    void aCoefficientIsTheGrowthWithEachDoublingFromItsHingeOn() {
        LoadCurve curve = curve(0, 0, 0, StrictMath.log(2), 0, 0);
        assertThat(curve.factor(31)).isCloseTo(1, within(1e-9));
        assertThat(curve.factor(63)).isCloseTo(2, within(1e-9));
        assertThat(curve.factor(127)).isCloseTo(4, within(1e-9));
        assertThat(curve.factor(4095)).isCloseTo(128, within(1e-6));
    }

    @Test
    void growsInProportionBeyondTheKnownLoad() {
        LoadCurve curve = LoadCurve.of(new double[LoadCurve.HINGES], 6);
        assertThat(curve.knownInFlight()).isEqualTo(6);
        assertThat(curve.factor(6)).isEqualTo(1);
        assertThat(curve.factor(9)).isEqualTo(1.5);
        assertThat(curve.factor(60)).isEqualTo(10);
    }

    /** The table is exact at its nodes, and between them within three percent for any plausible curve. */
    @Property(seed = "1", tries = 2_000)
    void theTableFollowsTheCoefficients(
            @ForAll("coefficients") double[] coefficients, @ForAll @DoubleRange(min = 1, max = 5_000) double inFlight) {
        double[] hinges = new double[LoadCurve.HINGES];
        LoadCurve.setHinges(hinges, inFlight);
        double log = 0;
        for (int k = 0; k < hinges.length; k++) {
            log += coefficients[k] * hinges[k];
        }
        assertThat(curve(coefficients).factor(inFlight)).isCloseTo(StrictMath.exp(log), withinPercentage(3));
    }

    /** With coefficients that are not below zero, more requests in flight never make a backend faster. */
    @Property(seed = "1", tries = 2_000)
    void neverFallsWithTheLoad(
            @ForAll("growing") double[] coefficients,
            @ForAll @DoubleRange(min = 1, max = 1_000) double known,
            @ForAll @DoubleRange(min = 0, max = 20_000) double inFlight,
            @ForAll @DoubleRange(min = 0, max = 20_000) double more) {
        LoadCurve curve = LoadCurve.of(coefficients, known);
        assertThat(curve.factor(inFlight + more))
                .isFinite()
                .isGreaterThanOrEqualTo(curve.factor(inFlight) * (1 - 1e-12));
    }

    @Provide
    Arbitrary<double[]> coefficients() {
        return Arbitraries.doubles().between(-0.1, 0.2).array(double[].class).ofSize(LoadCurve.HINGES);
    }

    @Provide
    Arbitrary<double[]> growing() {
        return Arbitraries.doubles().between(0, 2).array(double[].class).ofSize(LoadCurve.HINGES);
    }

    @Test
    void differsFromAnotherCurveByItsFactorsAtKnownLoads() {
        LoadCurve curve = LoadCurve.of(new double[] {0.3, 0, 0, 0, 0, 0}, 20);
        assertThat(curve.differsFrom(curve, 0.01)).isFalse();
        assertThat(curve.differsFrom(LoadCurve.of(new double[] {0.301, 0, 0, 0, 0, 0}, 20), 0.01))
                .isFalse();
        assertThat(curve.differsFrom(LoadCurve.of(new double[] {0.32, 0, 0, 0, 0, 0}, 20), 0.01))
                .isTrue();
        assertThat(curve.differsFrom(LoadCurve.of(new double[] {0.3, 0, 0, 0, 0, 0}, 25), 0.01))
                .isTrue();
    }
}

package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Level and load curve that {@link LevelFilter}, {@link JointLevel} and {@link LoadCurveFilter} learn together. */
class LoadCurveFilterTest {

    private static final long SECOND = 1_000_000_000L;
    private static final double SPREAD = 0.35;

    private final LoadCurveFilter curve = new LoadCurveFilter();
    private final LevelFilter filter = filter();
    private final Random random = new Random(7);
    private long now;

    private LevelFilter filter() {
        return new LevelFilter(0.4, 10, 1, curve, () -> Double.POSITIVE_INFINITY);
    }

    /** Feeds one sample, fifty per second. */
    private void observe(LevelFilter of, double level, long inFlight, DoubleUnaryOperator logFactor) {
        now += SECOND / 50;
        curve.recordFactor(inFlight, logFactor.applyAsDouble(inFlight), now);
        of.observe(level + logFactor.applyAsDouble(inFlight) + SPREAD * random.nextGaussian(), inFlight, now);
    }

    private long load(int from, int to) {
        return from + random.nextInt(to - from + 1);
    }

    private static double flat(double inFlight) {
        return 0;
    }

    /** A backend that serves thirty requests at a time. */
    private static double queueing(double inFlight) {
        return StrictMath.log(Math.max(1, inFlight / 30));
    }

    @Test
    void aBackendThatLoadDoesNotSlowHasAFlatCurve() {
        for (int i = 0; i < 3000; i++) {
            observe(filter, 18, load(1, 60), LoadCurveFilterTest::flat);
        }
        assertThat(filter.level()).isCloseTo(18, within(0.1));
        for (int inFlight : new int[] {1, 10, 30, 60}) {
            assertThat(filter.level() + curve.logFactor(inFlight)).isCloseTo(18, within(0.1));
        }
    }

    @Test
    void learnsTheCurveOfABackendThatQueues() {
        for (int i = 0; i < 3000; i++) {
            observe(filter, 18, load(1, 120), LoadCurveFilterTest::queueing);
        }
        for (int inFlight : new int[] {3, 20, 60, 90, 120}) {
            assertThat(filter.level() + curve.logFactor(inFlight)).isCloseTo(18 + queueing(inFlight), within(0.15));
        }
    }

    @Test
    void aSlowdownAtAnUnusualLoadChangesTheCurveNotTheLevel() {
        for (int i = 0; i < 1000; i++) {
            observe(filter, 18, load(8, 12), LoadCurveFilterTest::queueing);
        }
        for (int i = 0; i < 60; i++) {
            observe(filter, 18, 120, LoadCurveFilterTest::queueing);
        }
        assertThat(filter.level() + curve.logFactor(10)).isCloseTo(18, within(0.15));
        assertThat(filter.level() + curve.logFactor(120)).isCloseTo(18 + queueing(120), within(0.15));
    }

    @Test
    void aSlowdownAtTheUsualLoadChangesTheLevelNotTheCurve() {
        for (int i = 0; i < 3000; i++) {
            observe(filter, 18, load(1, 60), LoadCurveFilterTest::flat);
        }
        double before = curve.logFactor(30);
        for (int i = 0; i < 200; i++) {
            observe(filter, 19, load(20, 40), LoadCurveFilterTest::flat);
        }
        assertThat(filter.level() + curve.logFactor(30)).isCloseTo(19, within(0.1));
        assertThat(curve.logFactor(30)).isCloseTo(before, within(0.1));
    }

    @Test
    void theLevelAtTheUsualLoadIsCertainWhileTheCurveIsNot() {
        for (int i = 0; i < 1000; i++) {
            observe(filter, 18, 40, LoadCurveFilterTest::queueing);
        }
        assertThat(filter.uncertainty(40, now)).isLessThan(0.06);
        assertThat(filter.uncertainty(1, now)).isGreaterThan(0.3);
        assertThat(filter.uncertainty(400, now)).isGreaterThan(0.3);
    }

    @Test
    void allClassesOfABackendLearnOneCurve() {
        LevelFilter other = filter();
        for (int i = 0; i < 3000; i++) {
            observe(filter, 18, load(1, 120), LoadCurveFilterTest::queueing);
        }
        for (int i = 0; i < 100; i++) {
            observe(other, 20, 120, LoadCurveFilterTest::queueing);
        }
        assertThat(other.level()).isCloseTo(20, within(0.2));
        assertThat(other.uncertainty(1, now)).isLessThan(0.2);
    }

    @Test
    void ordinaryResponsesProveTheLoad() {
        assertThat(curve.knownInFlight()).isCloseTo(LoadCurve.MIN_KNOWN, within(1e-9));
        for (int i = 0; i < 200; i++) {
            curve.recordFactor(50, 0.1, now);
        }
        assertThat(curve.knownInFlight()).isCloseTo(LoadCurve.HEADROOM * 50, within(0.1));
    }

    @Test
    void slowResponsesWithMoreInFlightDisproveTheLoad() {
        for (int i = 0; i < 200; i++) {
            curve.recordFactor(50, 0.1, now);
        }
        for (int i = 0; i < 100; i++) {
            curve.recordFactor(20, 1, now);
        }
        assertThat(curve.knownInFlight()).isCloseTo(LoadCurve.HEADROOM * 50, within(0.1));
        for (int i = 0; i < 5; i++) {
            curve.recordFactor(80, i % 2 == 0 ? 1 : Double.POSITIVE_INFINITY, now);
        }
        assertThat(curve.knownInFlight()).isBetween(LoadCurve.HEADROOM * 40, LoadCurve.HEADROOM * 45);
        for (int i = 0; i < 200; i++) {
            curve.recordFactor(80, 1, now);
        }
        assertThat(curve.knownInFlight()).isCloseTo(LoadCurve.MIN_KNOWN, within(1e-9));
    }

    @Test
    void aProvenLoadIsForgottenSlowly() {
        for (int i = 0; i < 100; i++) {
            curve.recordFactor(50, 0.1, SECOND);
        }
        curve.recordFactor(1, 0, 61 * SECOND);
        assertThat(curve.knownInFlight()).isBetween(LoadCurve.HEADROOM * 42, LoadCurve.HEADROOM * 50);
        curve.recordFactor(1, 0, 10_000 * SECOND);
        assertThat(curve.knownInFlight()).isCloseTo(LoadCurve.MIN_KNOWN, within(1e-9));
    }
}

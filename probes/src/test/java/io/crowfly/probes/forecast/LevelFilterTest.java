package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Tests of {@link LevelFilter}. Levels are natural logarithms: 0.05 is five percent, 1.1 is threefold. */
class LevelFilterTest {

    private static final long SECOND = 1_000_000_000L;
    private static final double SPREAD = 0.35;
    private static final double THREEFOLD = StrictMath.log(3);

    private final LevelFilter filter =
            new LevelFilter(0.4, 10, 1, new LoadCurveFilter(), () -> Double.POSITIVE_INFINITY);
    private final Random random = new Random(11);
    private long now;

    /** Feeds samples at fifty per second. */
    private void observe(int count, double level) {
        for (int i = 0; i < count; i++) {
            now += SECOND / 50;
            filter.observe(level + SPREAD * random.nextGaussian(), 1, now);
        }
    }

    @Test
    void isUnknownBeforeTheFirstSample() {
        assertThat(filter.known()).isFalse();
    }

    @Test
    void usesTheFirstSampleAsTheLevel() {
        filter.observe(18, 1, SECOND);
        assertThat(filter.known()).isTrue();
        assertThat(filter.level()).isEqualTo(18);
        assertThat(filter.ordinaryLevel()).isEqualTo(18);
        assertThat(filter.observedAtNanos()).isEqualTo(SECOND);
        assertThat(filter.uncertainty(1, SECOND)).isEqualTo(filter.spread());
    }

    @Test
    void replacesAGuessBySamplesAccordingToItsUncertainty() {
        LevelFilter sure = new LevelFilter(0.4, 10, 1, new LoadCurveFilter(), () -> Double.POSITIVE_INFINITY);
        filter.begin(18, 1, 0.5, 0);
        sure.begin(18, 1, 0.05, 0);
        for (int i = 1; i <= 5; i++) {
            filter.observe(18.5, 1, i);
            sure.observe(18.5, 1, i);
        }
        assertThat(filter.level()).isBetween(18.4, 18.5);
        assertThat(sure.level()).isBetween(18.0, 18.1);
    }

    @Test
    void staysWithinAFewPercentOfAConstantLevel() {
        observe(500, 18);
        double sumOfErrors = 0;
        for (int i = 0; i < 1000; i++) {
            observe(1, 18);
            sumOfErrors += Math.abs(filter.level() - 18);
        }
        assertThat(sumOfErrors / 1000).isLessThan(0.05);
        assertThat(filter.spread()).isCloseTo(SPREAD, within(0.05));
    }

    @Test
    void followsADriftingLevel() {
        observe(500, 18);
        DoubleUnaryOperator drifting = second -> 18 + 0.005 * second;
        for (int i = 0; i < 3000; i++) {
            observe(1, drifting.applyAsDouble(i / 50.0));
        }
        assertThat(filter.level()).isCloseTo(drifting.applyAsDouble(60), within(0.1));
    }

    @Test
    void returnsToTheOrdinaryLevelOnDemand() {
        observe(500, 18);
        observe(10, 18 + THREEFOLD);
        assertThat(filter.level()).isGreaterThan(18.8);
        filter.returnToOrdinary();
        assertThat(filter.level()).isEqualTo(filter.ordinaryLevel()).isCloseTo(18, within(0.1));
        assertThat(filter.uncertainty(1, now)).isGreaterThanOrEqualTo(filter.spread());

        observe(500, 18 - THREEFOLD);
        double fast = filter.level();
        filter.returnToOrdinary();
        assertThat(filter.level()).isEqualTo(fast);
    }

    @Test
    void findsAThreefoldSlowdownWithinTenSamples() {
        observe(500, 18);
        observe(10, 18 + THREEFOLD);
        assertThat(filter.level()).isCloseTo(18 + THREEFOLD, within(0.4));
    }

    @Test
    void findsTheRecoveryWithinTenSamples() {
        observe(500, 18);
        observe(500, 18 + THREEFOLD);
        observe(10, 18);
        assertThat(filter.level()).isCloseTo(18, within(0.4));
    }

    @Test
    void findsAJumpOfAnySizeOfASteadyLevelWithinFiveSamples() {
        for (double factor : new double[] {3, 10, 100}) {
            LevelFilter steady = new LevelFilter(0.4, 10, 1, new LoadCurveFilter(), () -> Double.POSITIVE_INFINITY);
            for (int i = 0; i < 1000; i++) {
                steady.observe(18, 1, i);
            }
            for (int i = 0; i < 5; i++) {
                steady.observe(18 + Math.log(factor), 1, 1000 + i);
            }
            assertThat(steady.level()).isCloseTo(18 + Math.log(factor), within(0.05));
        }
    }

    @Test
    void reportsAJump() {
        observe(500, 18);
        boolean jumped = false;
        for (int i = 0; i < 10; i++) {
            jumped |= filter.observe(18 + THREEFOLD, 1, now);
        }
        assertThat(jumped).isTrue();
    }

    @Test
    void cutsASingleOutlier() {
        observe(500, 18);
        double before = filter.level();
        filter.observe(18 + 10 * THREEFOLD, 1, now);
        assertThat(filter.level()).isBetween(before, before + 0.1);
    }

    @Test
    void oneSampleAfterALongGapLowersTheLevel() {
        observe(500, 18);
        now += 10 * SECOND;
        filter.observe(18 - 2 * THREEFOLD, 1, now);
        assertThat(filter.level()).isCloseTo(18 - 2 * THREEFOLD, within(0.01));
    }

    @Test
    void oneOrdinarySampleAfterALongGapLeavesTheLevel() {
        observe(500, 18);
        now += 10 * SECOND;
        filter.observe(18 - 2 * SPREAD, 1, now);
        assertThat(filter.level()).isCloseTo(18, within(0.15));
    }

    @Test
    void oneOrdinarySampleAfterAGapEndsASlowTime() {
        observe(500, 18);
        observe(100, 18 + THREEFOLD);
        now += 3 * SECOND;
        assertThat(filter.observe(18, 1, now)).isTrue();
        assertThat(filter.level()).isCloseTo(18, within(0.1));
        assertThat(filter.spread()).isCloseTo(SPREAD, within(0.1));
    }

    @Test
    void aSlowTimeEndsBelowAnOrdinaryLevelThatIsWrong() {
        observe(20, 18 + THREEFOLD);
        observe(100, 18 + 2 * THREEFOLD);
        for (int i = 0; i < 3; i++) {
            now += 3 * SECOND;
            filter.observe(18, 1, now);
        }
        assertThat(filter.level()).isCloseTo(18, within(0.3));
    }

    @Test
    void aJumpLeavesTheSpread() {
        observe(500, 18);
        double before = filter.spread();
        observe(20, 18 + THREEFOLD);
        assertThat(filter.spread()).isCloseTo(before, within(0.1 * before));
    }

    @Test
    void aSampleAfterAGapIsComparedWithTheUsualSpread() {
        assertThat(jumpsAfterAGap(Double.POSITIVE_INFINITY)).isFalse();
        assertThat(jumpsAfterAGap(SPREAD * SPREAD)).isTrue();
    }

    private static boolean jumpsAfterAGap(double usualVariance) {
        LevelFilter uneven = new LevelFilter(0.8, 10, 1, new LoadCurveFilter(), () -> usualVariance);
        uneven.begin(18, 1, 0.1, 0);
        return uneven.observe(16.8, 1, 20 * SECOND);
    }

    @Test
    void aLowSampleAfterAGapLeavesTheLevelOfASlowTime() {
        observe(500, 18);
        observe(100, 18 + THREEFOLD);
        now += 2 * SECOND;
        filter.observe(18 + THREEFOLD - SPREAD, 1, now);
        assertThat(filter.level()).isCloseTo(18 + THREEFOLD, within(0.2));
    }

    @Test
    void cutsASampleFarBelowTheLevelAmongOthers() {
        observe(500, 18);
        filter.observe(18 - 2 * THREEFOLD, 1, now);
        assertThat(filter.level()).isCloseTo(18, within(0.15));
    }

    @Test
    void anUnansweredRequestAfterALongGapNeverLowersTheLevel() {
        observe(500, 18);
        filter.observe(18 - 2 * THREEFOLD, 1, now);
        double before = filter.level();
        now += 60 * SECOND;
        filter.observeCensored(18 - 2 * THREEFOLD, 1, now);
        assertThat(filter.level()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void weighsASampleLessIfTheCurveIsUncertainAtItsLoad() {
        LevelFilter doubtful = new LevelFilter(0.4, 10, 1, new LoadCurveFilter(), () -> Double.POSITIVE_INFINITY);
        filter.begin(18, 1, 0.2, 0);
        doubtful.begin(18, 1, 0.2, 0);
        filter.observe(18.5, 1, 1);
        doubtful.observe(18.5, 60, 1);
        assertThat(doubtful.level()).isBetween(18.0, filter.level());
    }

    @Test
    void growsUncertainWithoutSamples() {
        observe(500, 18);
        double fresh = filter.uncertainty(1, now);
        assertThat(filter.uncertainty(1, now + 60 * SECOND)).isGreaterThan(1.5 * fresh);
        assertThat(filter.uncertainty(1, now + 1_000_000 * SECOND)).isLessThanOrEqualTo(1);
    }

    @Test
    void growsUncertainFasterAboveTheOrdinaryLevel() {
        observe(500, 18);
        double ordinarily = filter.uncertainty(1, now + 10 * SECOND);
        observe(100, 18 + THREEFOLD);
        assertThat(filter.uncertainty(1, now + 10 * SECOND)).isGreaterThan(2 * ordinarily);
    }

    @Test
    void keepsTheOrdinaryLevelThroughASlowMinute() {
        observe(3000, 18);
        observe(3000, 18 + THREEFOLD);
        assertThat(filter.level()).isCloseTo(18 + THREEFOLD, within(0.2));
        assertThat(filter.ordinaryLevel()).isCloseTo(18, within(0.15));
    }

    @Test
    void adoptsALevelThatLastsForHoursAsOrdinary() {
        observe(500, 18);
        for (int second = 0; second < 3 * 3600; second++) {
            now += SECOND;
            filter.observe(18 + THREEFOLD, 1, now);
        }
        assertThat(filter.ordinaryLevel()).isCloseTo(18 + THREEFOLD, within(0.1));
    }

    @Test
    void learnsFromCensoredSamples() {
        observe(500, 18);
        double before = filter.level();
        filter.observeCensored(18 + SPREAD, 1, now);
        assertThat(filter.level()).isGreaterThan(before);
        for (int i = 0; i < 15; i++) {
            filter.observeCensored(18 + 1.645 * SPREAD, 1, now);
        }
        assertThat(filter.level()).isGreaterThan(18 + 1.645 * SPREAD);
    }

    @Test
    void learnsAlmostNothingFromALowCensoredValue() {
        observe(500, 18);
        double before = filter.level();
        filter.observeCensored(10, 1, now);
        assertThat(filter.level()).isCloseTo(before, within(0.01));
    }

    @Test
    void isUnbiasedWithTwentyPercentCensoredSamples() {
        double limit = 18 + SPREAD * 0.8416;
        for (int i = 0; i < 3000; i++) {
            now += SECOND / 50;
            double sample = 18 + SPREAD * random.nextGaussian();
            if (sample > limit) {
                filter.observeCensored(limit, 1, now);
            } else {
                filter.observe(sample, 1, now);
            }
        }
        assertThat(filter.level()).isCloseTo(18, within(0.06));
    }

    @Test
    void ignoresATimeThatGoesBackwards() {
        observe(100, 18);
        filter.observe(18, 1, now - 5 * SECOND);
        assertThat(filter.observedAtNanos()).isEqualTo(now);
        assertThat(filter.uncertainty(1, now - 5 * SECOND)).isFinite().isPositive();
    }
}

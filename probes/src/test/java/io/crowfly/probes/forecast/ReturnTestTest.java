package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The slow level is three times the ordinary one. Values are natural logarithms. */
class ReturnTestTest {

    private static final double ORDINARY = 18;
    private static final double SLOW = ORDINARY + StrictMath.log(3);
    private static final double SPREAD = 0.35;

    private final ReturnTest test = new ReturnTest();

    private long now;

    private boolean add(double sample, double level, double gapSeconds) {
        now += (long) (gapSeconds * 1e9);
        return test.add(sample, level, ORDINARY, SPREAD * SPREAD, 0.01, gapSeconds, now);
    }

    @Test
    void oneOrdinarySampleIsEnoughAfterAThreefoldSlowdown() {
        assertThat(add(ORDINARY, SLOW, 3)).isTrue();
    }

    @Test
    void twoSamplesAreEnoughAfterATwofoldSlowdown() {
        double twice = ORDINARY + StrictMath.log(2);
        assertThat(add(ORDINARY + 0.1, twice, 3)).isFalse();
        assertThat(add(ORDINARY + 0.1, twice, 3)).isTrue();
    }

    @Test
    void aLuckySampleIsNotEnough() {
        assertThat(add(SLOW - 1.5 * SPREAD, SLOW, 3)).isFalse();
    }

    @Test
    void slowSamplesOutweighALuckyOne() {
        for (int i = 0; i < 3; i++) {
            assertThat(add(SLOW, SLOW, 3)).isFalse();
        }
        assertThat(add(SLOW - 1.5 * SPREAD, SLOW, 3)).isFalse();
        assertThat(add(SLOW, SLOW, 3)).isFalse();
        assertThat(add(SLOW - 1.5 * SPREAD, SLOW, 3)).isFalse();
    }

    @Test
    void aSlowTimeThatHasLastedLongNeedsMoreSamples() {
        now = (long) 600e9;
        assertThat(add(ORDINARY + 0.2, SLOW, 3)).isFalse();
        assertThat(add(ORDINARY + 0.2, SLOW, 3)).isTrue();
    }

    @Test
    void aLevelThatIsNotSlowDoesNotReturn() {
        assertThat(add(ORDINARY, ORDINARY + 0.05, 3)).isFalse();
    }

    @Test
    void samplesWithoutGapsDoNotCount() {
        assertThat(add(ORDINARY, SLOW, 0.02)).isFalse();
    }
}

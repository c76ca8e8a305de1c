package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class SampleLimitTest {

    private static final double SECOND = 1e9;

    private final SampleLimit limit = new SampleLimit();
    private final Random values = new Random(3);

    private double sum;
    private int accepted;

    /** Offers samples of an exponential distribution with the mean 1. */
    private void offer(int perSecond, int seconds) {
        for (int i = 0; i < perSecond * seconds; i++) {
            double value = values.nextExponential();
            if (limit.accepts((long) (i * SECOND / perSecond))) {
                sum += value;
                accepted++;
            }
        }
    }

    @Test
    void acceptsEverySampleUpTo200PerSecond() {
        offer(200, 10);
        assertThat(accepted).isEqualTo(2000);
    }

    @Test
    void acceptsAbout200PerSecondAtAnyHigherRate() {
        offer(20_000, 50);
        assertThat(accepted).isCloseTo(50 * 200, Percentage.withPercentage(5));
    }

    @Test
    void theMeanOfTheAcceptedSamplesIsThatOfAll() {
        offer(2_000, 100);
        assertThat(sum / accepted).isCloseTo(1, Percentage.withPercentage(2));
    }

    @Test
    void aBurstAfterAPauseIsLimitedToo() {
        for (int i = 0; i < 1_000; i++) {
            accepted += limit.accepts((long) SECOND) ? 1 : 0;
        }
        assertThat(accepted).isBetween(20, 140);
    }
}

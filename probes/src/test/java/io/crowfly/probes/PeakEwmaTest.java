package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PeakEwmaTest {

    private static final Duration TAU = Duration.ofSeconds(3);
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;

    @Test
    void isAbsentBeforeTheFirstSampleAndThatSampleAfterwards() {
        assertThat(PeakEwma.NONE.nanos()).isEqualTo(ProbeTimes.ABSENT);
        assertThat(PeakEwma.NONE.after(20 * MILLI, -5 * SECOND, TAU).nanos()).isEqualTo(20 * MILLI);
        assertThat(PeakEwma.NONE.after(0, 0, TAU).nanos()).isZero();
    }

    @Test
    void takesASlowerSampleAtItsWordHoweverSoonItComes() {
        PeakEwma calm = PeakEwma.NONE.after(20 * MILLI, 0, TAU);
        assertThat(calm.after(200 * MILLI, 0, TAU).nanos()).isEqualTo(200 * MILLI);
        assertThat(calm.after(200 * MILLI, 1, TAU).nanos()).isEqualTo(200 * MILLI);
    }

    @Test
    void keepsOneEthOfTheGapOverOneTimeConstant() {
        PeakEwma slow = PeakEwma.NONE.after(120 * MILLI, 0, TAU);
        long expected = 20 * MILLI + (long) (100 * MILLI / Math.E);
        assertThat(slow.after(20 * MILLI, TAU.toNanos(), TAU).nanos()).isCloseTo(expected, within(1L));
    }

    @Test
    void countsTimeAndNotSamples() {
        PeakEwma slow = PeakEwma.NONE.after(120 * MILLI, 0, TAU);
        PeakEwma once = slow.after(20 * MILLI, 3 * SECOND, TAU);
        PeakEwma often = slow;
        for (long at = SECOND / 10; at <= 3 * SECOND; at += SECOND / 10) {
            often = often.after(20 * MILLI, at, TAU);
        }
        assertThat(often.nanos()).isCloseTo(once.nanos(), within(30L)); // each of the 30 steps cuts less than 1 ns
    }

    @Test
    void ignoresABetterSampleOfTheSameInstant() {
        PeakEwma slow = PeakEwma.NONE.after(120 * MILLI, SECOND, TAU);
        assertThat(slow.after(20 * MILLI, SECOND, TAU).nanos()).isEqualTo(120 * MILLI);
    }

    @Test
    void believesTheFirstSampleAfterALongSilence() {
        PeakEwma slow = PeakEwma.NONE.after(2_000 * MILLI, 0, TAU);
        assertThat(slow.after(20 * MILLI, 600 * SECOND, TAU).nanos()).isEqualTo(20 * MILLI);
    }

    @Test
    void arrivesAtASteadyLatencyToTheNanosecond() {
        PeakEwma estimate = PeakEwma.NONE.after(1_000, 0, TAU);
        for (int step = 1; step <= 2_000; step++) {
            estimate = estimate.after(990, step * MILLI, TAU);
        }
        assertThat(estimate.nanos()).isEqualTo(990);
    }

    @Test
    void staysBetweenTheSampleAndTheFormerEstimateOrTakesAPeak() {
        RandomGenerator random = new Random(10);
        PeakEwma estimate = PeakEwma.NONE;
        long now = 0;
        for (int i = 0; i < 10_000; i++) {
            long before = estimate.nanos();
            long sample = random.nextLong(10 * SECOND);
            now += random.nextLong(5 * SECOND);
            estimate = estimate.after(sample, now, TAU);
            if (sample >= before) {
                assertThat(estimate.nanos()).isEqualTo(sample);
            } else {
                assertThat(estimate.nanos()).isBetween(sample, before);
            }
        }
    }
}

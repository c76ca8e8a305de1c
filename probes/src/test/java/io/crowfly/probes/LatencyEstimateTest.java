package io.crowfly.probes;

import static io.crowfly.probes.ProbeTimes.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatencyEstimateTest {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private static LatencyEstimate after(ProbeTimes... times) {
        LatencyEstimate estimate = LatencyEstimate.NONE;
        for (int i = 0; i < times.length; i++) {
            estimate = estimate.after(times[i], i * INTERVAL.toNanos(), INTERVAL);
        }
        return estimate;
    }

    @Test
    void ranksByTheFirstByteWhereProbesHaveOne() {
        assertThat(after(new ProbeTimes(10, 20, 30)).nanos()).isEqualTo(30);
        assertThat(after(new ProbeTimes(ABSENT, ABSENT, 30)).nanos()).isEqualTo(30);
    }

    @Test
    void ranksByOpeningTheConnectionWhereProbesDoNoMore() {
        assertThat(after(new ProbeTimes(10, 20, ABSENT)).nanos()).isEqualTo(30);
        assertThat(after(new ProbeTimes(10, ABSENT, ABSENT)).nanos()).isEqualTo(10);
    }

    @Test
    void knowsNothingBeforeTheFirstSuccess() {
        assertThat(LatencyEstimate.NONE.nanos()).isEqualTo(ABSENT);
        assertThat(LatencyEstimate.NONE.times()).isEqualTo(ProbeTimes.NONE);
    }

    @Test
    void keepsThePartsApartAndWhatAProbeDidNotMeasure() {
        LatencyEstimate estimate = after(new ProbeTimes(10, 20, 30), new ProbeTimes(ABSENT, ABSENT, 50));
        assertThat(estimate.times()).isEqualTo(new ProbeTimes(10, 20, 50));
    }

    @Test
    void closesNineTenthsOfAGapInSevenProbesWhateverTheInterval() {
        for (Duration interval : new Duration[] {Duration.ofMillis(100), Duration.ofMinutes(1)}) {
            LatencyEstimate estimate = LatencyEstimate.NONE.after(new ProbeTimes(ABSENT, ABSENT, 1_100), 0, interval);
            for (int probe = 1; probe <= 7; probe++) {
                long now = probe * interval.toNanos();
                estimate = estimate.after(new ProbeTimes(ABSENT, ABSENT, 100), now, interval);
            }
            assertThat(estimate.nanos()).isBetween(150L, 200L);
        }
    }
}

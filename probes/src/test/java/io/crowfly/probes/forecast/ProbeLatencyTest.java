package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProbeLatencyTest {

    private static final long MILLI = 1_000_000L;

    private final ProbeLatency latency = new ProbeLatency();
    private long now;

    private void probe(double millis) {
        now += 1000 * MILLI;
        latency.observe(new ProbeTimes(ProbeTimes.ABSENT, ProbeTimes.ABSENT, (long) (millis * MILLI)), now);
    }

    private double millis() {
        return latency.times().firstByteNanos() / (double) MILLI;
    }

    @Test
    void oneFastProbeReplacesSlowFirstProbes() {
        probe(300);
        probe(20);
        assertThat(millis()).isBetween(19.9, 20.1);
        probe(2);
        assertThat(millis()).isBetween(1.99, 2.01);
    }

    @Test
    void oneFastProbeAmongManyChangesLittle() {
        for (int i = 0; i < 10; i++) {
            probe(20);
        }
        probe(2);
        assertThat(millis()).isGreaterThan(15);
    }

    @Test
    void firstProbesThatDifferLittleAreAveraged() {
        probe(20);
        probe(19);
        assertThat(millis()).isBetween(19.2, 19.8);
    }
}

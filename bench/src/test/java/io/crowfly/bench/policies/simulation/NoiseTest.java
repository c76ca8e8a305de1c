package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.policies.simulation.Noise.Purpose;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NoiseTest {

    private final Noise noise = new Noise(1);

    @Test
    void dependsOnItsArgumentsAndNotOnEarlierDraws() {
        double first = noise.uniform(5, 2, Purpose.TAIL);
        noise.normal(5, 2);

        assertThat(noise.uniform(5, 2, Purpose.TAIL)).isEqualTo(first);
        assertThat(new Noise(1).uniform(5, 2, Purpose.TAIL)).isEqualTo(first);
        assertThat(new Noise(2).uniform(5, 2, Purpose.TAIL)).isNotEqualTo(first);
        assertThat(noise.uniform(5, 3, Purpose.TAIL)).isNotEqualTo(first);
        assertThat(noise.uniform(6, 2, Purpose.TAIL)).isNotEqualTo(first);
        assertThat(noise.uniform(5, 2, Purpose.HANG)).isNotEqualTo(first);
    }

    @Test
    void isUniformAndNormal() {
        int n = 100_000;
        double uniform = IntStream.range(0, n)
                .mapToDouble(i -> noise.uniform(i, 0, Purpose.HANG))
                .average()
                .orElseThrow();
        double[] normal =
                IntStream.range(0, n).mapToDouble(i -> noise.normal(i, 1)).toArray();
        double mean = java.util.Arrays.stream(normal).average().orElseThrow();
        double variance =
                java.util.Arrays.stream(normal).map(x -> x * x).average().orElseThrow();

        assertThat(uniform).isCloseTo(0.5, within(0.005));
        assertThat(mean).isCloseTo(0, within(0.02));
        assertThat(variance).isCloseTo(1, within(0.03));
    }
}

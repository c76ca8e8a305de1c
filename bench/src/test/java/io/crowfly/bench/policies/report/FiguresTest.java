package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.simulation.RunResult;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private static final Scenario SCENARIO = TestScenarios.of(TestScenarios.yaml(
                    "poisson, rate: 50", "events:", "  - {backend: a, at: 60s, for: 60s, slowdown: 3, watch: true}")
            .replace("duration: 20s", "duration: 180s"));

    /**
     * Returns the figures of fifty requests per second for three minutes. The backend of each is a function of its
     * arrival in hundredths of a second.
     */
    private static Figures figures(IntUnaryOperator backendAt) {
        int n = 180 * 50;
        long[] at = new long[n];
        byte[] backend = new byte[n];
        for (int i = 0; i < n; i++) {
            at[i] = i * 20_000_000L;
            backend[i] = (byte) backendAt.applyAsInt(i * 2);
        }
        double[] ttft = {1, 2, 3, 4, 100};
        return Figures.of(new RunResult(
                SCENARIO,
                "test",
                n,
                ttft,
                new double[][] {ttft},
                50,
                n,
                2 * n,
                7,
                0.5,
                3,
                4,
                6,
                120_000_000_000L,
                5,
                0.25,
                at,
                backend,
                new double[181],
                new int[181]));
    }

    @Test
    void measuresWhenTrafficMovesAwayAndBack() {
        // Traffic moves away 2 s after the beginning of the slowdown, and is back 7 s after its end.
        Figures figures = figures(t -> t >= 6200 && t < 12700 ? 1 : 0);

        assertThat(figures.moves().leaveSeconds()).isCloseTo(2, within(0.15));
        assertThat(figures.moves().returnSeconds()).isCloseTo(7, within(0.15));
        assertThat(figures.moves().sentDuringEvent()).isEqualTo(2 * 50);
        // The first window of a second in which the backend has 70 % begins 0.3 s earlier.
        assertThat(figures.moves().mostSeconds()).isCloseTo(7 - 0.3, within(0.1));
    }

    @Test
    void aMoveThatNeverHappensIsInfinite() {
        assertThat(figures(t -> 0).moves().leaveSeconds()).isInfinite();
        assertThat(figures(t -> t >= 6200 ? 1 : 0).moves().returnSeconds()).isInfinite();
    }

    @Test
    void movesOfABackendWithASmallShareAreNotMeasured() {
        Figures figures = figures(t -> t % 10 == 0 ? 0 : 1);

        assertThat(figures.moves().leaveSeconds()).isNaN();
        assertThat(figures.moves().returnSeconds()).isNaN();
    }

    @Test
    void summarizesTheRun() {
        Figures figures = figures(t -> t % 4 == 0 ? 0 : 1);

        assertThat(figures.meanNanos()).isEqualTo(22);
        assertThat(figures.requests()).isEqualTo(180 * 50);
        assertThat(figures.p50Nanos()).isEqualTo(3);
        assertThat(figures.p99Nanos()).isEqualTo(100);
        assertThat(figures.attemptsPerRequest()).isEqualTo(2);
        assertThat(figures.explorations()).isEqualTo(6);
        assertThat(figures.share()).containsExactly(0.5, 0.5);
        assertThat(figures.shareVariation()).isZero();
    }

    @Test
    void measuresTheVariationOfAShare() {
        // All requests alternate every second: mean one half, deviation one half.
        assertThat(figures(t -> t / 100 % 2).shareVariation()).isCloseTo(1, within(1e-9));
    }
}

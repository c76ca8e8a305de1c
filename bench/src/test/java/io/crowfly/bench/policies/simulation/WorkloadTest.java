package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Tests workloads of twenty seconds. */
class WorkloadTest {

    private static final long SECOND = 1_000_000_000L;

    private static Workload of(String arrivals) {
        return Workload.of(TestScenarios.of(TestScenarios.yaml(arrivals)));
    }

    private static LongStream times(Workload workload) {
        return IntStream.range(0, workload.size()).mapToLong(workload::atNanos);
    }

    private static long within(Workload workload, long from, long to) {
        return times(workload).filter(t -> t >= from && t < to).count();
    }

    @Test
    void constantArrivalsAreEvenlySpaced() {
        Workload workload = of("constant, rate: 4");

        assertThat(times(workload).toArray()).hasSize(80).startsWith(0, SECOND / 4, SECOND / 2);
    }

    @Test
    void poissonArrivalsHaveTheirRateAndAreSorted() {
        Workload workload = of("poisson, rate: 500");

        assertThat(workload.size()).isBetween(9_600, 10_400);
        assertThat(times(workload).toArray()).isSorted();
    }

    @Test
    void diurnalArrivalsHaveLowAndHighRates() {
        Workload workload = of("diurnal, low: 10, high: 500, period: 20s");

        assertThat(within(workload, 0, 2 * SECOND)).isLessThan(200);
        assertThat(within(workload, 9 * SECOND, 11 * SECOND)).isBetween(850L, 1_100L);
    }

    @Test
    void burstsAddRequestsWithinTheirTime() {
        Workload workload = of("bursts, rate: 1, every: 5s, size: 100, within: 500ms");

        for (long burst : new long[] {5, 10, 15}) {
            assertThat(within(workload, burst * SECOND, burst * SECOND + SECOND / 2))
                    .isBetween(100L, 105L);
        }
        assertThat(workload.size()).isBetween(305, 345);
        assertThat(times(workload).toArray()).isSorted();
    }

    @Test
    void dependsOnlyOnTheSeed() {
        Scenario scenario = TestScenarios.of(TestScenarios.yaml("poisson, rate: 20"));
        long[] once = times(Workload.of(scenario)).toArray();

        assertThat(times(Workload.of(scenario)).toArray()).isEqualTo(once);
        assertThat(times(Workload.of(scenario.withSeed(9))).toArray()).isNotEqualTo(once);
    }

    @Test
    void edgesReceiveEqualShares() {
        Workload workload = Workload.of(TestScenarios.of(
                TestScenarios.yaml("poisson, rate: 500").replace("{name: here}", "{name: here, count: 4}")));

        for (int edge = 0; edge < 4; edge++) {
            int expectedEdge = edge;
            assertThat(IntStream.range(0, workload.size())
                            .filter(i -> workload.edge(i) == expectedEdge)
                            .count())
                    .isBetween(2_200L, 2_800L);
        }
    }
}

package io.crowfly.bench.policies.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioTest {

    private static final long SECOND = 1_000_000_000L;

    private static Scenario scenario(String arrivals, String... more) {
        return TestScenarios.of(TestScenarios.yaml(arrivals, more)
                .replace("duration: 20s", "duration: 500s")
                .replace("warm-up: 0s", "warm-up: 30s"));
    }

    @Test
    void aColdStartHasNoWarmUpAndItsFirstEventAtTheStart() {
        Scenario cold = scenario(
                        "poisson, rate: 20",
                        "events:",
                        "  - {backend: a, at: 120s, for: 30s, slowdown: 3}",
                        "  - {backend: b, at: 180s, for: 50s, outage: true}")
                .cold();

        assertThat(cold.name()).isEqualTo("test-cold");
        assertThat(cold.warmUpNanos()).isZero();
        assertThat(cold.isCold()).isTrue();
        assertThat(cold.events()).extracting(ScenarioEvent::fromNanos).containsExactly(0L, 60 * SECOND);
        assertThat(cold.events()).extracting(ScenarioEvent::toNanos).containsExactly(30 * SECOND, 110 * SECOND);
        // One minute after the last event.
        assertThat(cold.durationNanos()).isEqualTo(170 * SECOND);
    }

    @Test
    void aColdStartIsNoLongerThanItNeeds() {
        assertThat(scenario("poisson, rate: 20").cold().durationNanos()).isEqualTo(120 * SECOND);
        assertThat(scenario("diurnal, low: 1, high: 2, period: 4m").cold().durationNanos())
                .isEqualTo(240 * SECOND);
        assertThat(scenario("poisson, rate: 20", "events:", "  - {backend: a, at: 0s, for: 480s, slowdown: 3}")
                        .cold()
                        .durationNanos())
                .isEqualTo(500 * SECOND);
    }

    @Test
    void aScenarioThatShipsIsFoundWithAColdStart() throws Exception {
        Scenario cold = Scenarios.find("brownout-cold");

        assertThat(cold.name()).isEqualTo("brownout-cold");
        assertThat(cold.isCold()).isTrue();
        assertThat(cold.events()).extracting(ScenarioEvent::fromNanos).containsExactly(0L);
    }

    @Test
    void aScenarioRunsWithEachOfItsRates() {
        Scenario scenario = scenario("poisson, rate: 50, other-rates: [10, 2.5]");

        assertThat(scenario.withEachRate())
                .extracting(Scenario::name)
                .containsExactly("test", "test-at-10", "test-at-2.5");
        assertThat(scenario.variants())
                .extracting(Scenario::name)
                .containsExactly(
                        "test", "test-cold", "test-at-10", "test-at-10-cold", "test-at-2.5", "test-at-2.5-cold");
        assertThat(scenario.withEachRate().get(1).arrivals()).isEqualTo(new ArrivalProcess.Poisson(10, List.of()));
    }

    @Test
    void oneVariantOfAScenarioThatShipsIsFoundByItsName() throws Exception {
        assertThat(Scenarios.find("slow-when-young-at-2").arrivals())
                .isEqualTo(new ArrivalProcess.Poisson(2, List.of()));
    }
}

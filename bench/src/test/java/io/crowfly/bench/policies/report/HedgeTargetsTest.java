package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.proof.Claim;
import java.util.List;
import org.junit.jupiter.api.Test;

class HedgeTargetsTest {

    private static List<Claim> claims(String weather, double mean, double p99) {
        String yaml = TestScenarios.yaml("constant, rate: 1").replace("weather: calm", "weather: " + weather);
        return HedgeTargets.of(new ScenarioResults(
                TestScenarios.of(yaml),
                List.of(
                        TestFigures.of("ours", 101, 1, 202, 0.04),
                        TestFigures.of("ours-hedged", mean, 1, p99, 0.04),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN)),
                List.of()));
    }

    private static List<Boolean> held(String weather, double mean, double p99) {
        return claims(weather, mean, p99).stream().map(Claim::holds).toList();
    }

    @Test
    void inCalmWeatherMeanAndTailMustBeShorterThanTheOracles() {
        assertThat(held("calm", 96, 130)).containsExactly(true, true, true);
        assertThat(held("calm", 98, 140)).containsExactly(false, false, true);
    }

    @Test
    void inChangingWeatherTheTailMustBeShorter() {
        assertThat(held("changing", 100, 160)).containsExactly(true, true);
        assertThat(held("changing", 100, 180)).containsExactly(false, true);
    }

    @Test
    void inStormAndSaturationHedgesMustNotMakeAnythingWorse() {
        assertThat(held("saturation", 101, 202)).containsExactly(true, true, true, true);
        assertThat(held("storm", 103, 210)).containsExactly(false, false, true, true);
    }

    @Test
    void thereAreNoTargetsWithoutThePolicyWithHedges() {
        assertThat(HedgeTargets.of(new ScenarioResults(
                        TestScenarios.of(TestScenarios.yaml("constant, rate: 1")),
                        List.of(
                                TestFigures.of("ours", 100, 0, 200, 0.04),
                                TestFigures.of("oracle", 100, 0, 200, Double.NaN)),
                        List.of())))
                .isEmpty();
    }
}

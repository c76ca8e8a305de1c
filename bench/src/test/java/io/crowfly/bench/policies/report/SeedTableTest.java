package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeedTableTest {

    private static Figures figures(String policy, double mean, double regret, double p99, double error) {
        return new Figures(
                policy, mean, mean, p99, regret, error, 0, 0, 1, new double[] {1, 0}, 0, Double.NaN, Double.NaN, 0);
    }

    private static ScenarioResults run(Figures... figures) {
        return new ScenarioResults(
                TestScenarios.of(TestScenarios.yaml("constant, rate: 1")), List.of(figures), List.of());
    }

    @Test
    void hasMeanAndWorstOfOursRelativeToTheBestOtherPolicyAndToTheOracle() {
        String table = SeedTable.markdown(List.of(
                run(
                        figures("random", 105, 9, 400, Double.NaN),
                        figures("ours", 102, 3, 220, 0.04),
                        figures("oracle", 100, 0, 200, Double.NaN)),
                run(
                        figures("random", 100, 9, 400, Double.NaN),
                        figures("ours", 104, 5, 240, 0.06),
                        figures("oracle", 100, 0, 200, Double.NaN))));

        assertThat(table.lines().skip(2))
                .containsExactly(
                        "| test | ours | 1.006 | 1.040 | 1.030 | 1.040 | 4.0% | 5.0% | 1.15 | 1.20 | 5.0% | 6.0% |");
    }

    @Test
    void withoutOursHasARowForEachPolicyAndADashWhereNothingCanBeCompared() {
        String table = SeedTable.markdown(List.of(run(figures("random", 105, 9, 400, Double.NaN))));

        assertThat(table.lines().skip(2))
                .containsExactly("| test | random | – | – | – | – | – | – | – | – | – | – |");
    }
}

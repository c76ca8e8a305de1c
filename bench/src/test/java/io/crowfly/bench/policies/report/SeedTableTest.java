package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeedTableTest {

    private static ScenarioResults run(Figures... figures) {
        return new ScenarioResults(
                TestScenarios.of(TestScenarios.yaml("constant, rate: 1")), List.of(figures), List.of());
    }

    @Test
    void hasMeanAndWorstOfOursRelativeToTheBestOtherPolicyAndToTheOracle() {
        String table = SeedTable.markdown(List.of(
                run(
                        TestFigures.of("random", 105, 9, 400, Double.NaN),
                        TestFigures.of("ours", 102, 3, 220, 0.04),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN)),
                run(
                        TestFigures.of("random", 100, 9, 400, Double.NaN),
                        TestFigures.of("ours", 104, 5, 240, 0.06),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN))));

        assertThat(table.lines().skip(2))
                .containsExactly(
                        "| test | ours | 1.006 | 1.040 | 1.030 | 1.040 | 4.0% | 5.0% | 1.15 | 1.20 | 5.0% | 6.0% | 0.00 | 0.00 | 0.0% | 0.0% |");
    }

    @Test
    void withoutOursHasARowForEachPolicyAndADashWhereNothingCanBeCompared() {
        String table = SeedTable.markdown(List.of(run(TestFigures.of("random", 105, 9, 400, Double.NaN))));

        assertThat(table.lines().skip(2))
                .containsExactly("| test | random | – | – | – | – | – | – | – | – | – | – | – | – | 0.0% | 0.0% |");
    }
}

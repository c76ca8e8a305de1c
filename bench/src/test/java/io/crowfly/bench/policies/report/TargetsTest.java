package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.proof.Claim;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetsTest {

    private static Figures figures(String policy, double mean, double regret, double p99, double error) {
        return new Figures(
                policy, mean, mean, p99, regret, error, 0, 0, 1, new double[] {1, 0}, 0, Double.NaN, Double.NaN, 0);
    }

    private static List<Claim> claims(Figures... figures) {
        return Targets.of(List.of(new ScenarioResults(
                TestScenarios.of(TestScenarios.yaml("constant, rate: 1")), List.of(figures), List.of())));
    }

    @Test
    void thereAreNoTargetsWithoutCrowflysPolicyOrTheOracle() {
        assertThat(claims(figures("oracle", 100, 0, 200, Double.NaN))).isEmpty();
        assertThat(claims(figures("ours", 100, 0, 200, 0.01))).isEmpty();
    }

    @Test
    void holdForAPolicyCloseToTheOracle() {
        assertThat(claims(
                        figures("random", 150, 50, 300, Double.NaN),
                        figures("ours", 101, 1, 205, 0.04),
                        figures("oracle", 100, 0, 200, Double.NaN)))
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(
                        claim -> assertThat(claim.holds()).as(claim.statement()).isTrue());
    }

    @Test
    void areMissedByAWorsePolicy() {
        assertThat(claims(
                        figures("random", 100, 3, 300, Double.NaN),
                        figures("ours", 102, 3, 240, 0.06),
                        figures("oracle", 100, 0, 200, Double.NaN)))
                .filteredOn(claim -> !claim.holds())
                .extracting(Claim::statement)
                .containsExactly(
                        "test: mean over the best realizable policy's",
                        "test: regret",
                        "test: p99 over the oracle's",
                        "test: prediction off by");
    }

    @Test
    void aPolicyWithoutPredictionsMissesItsTarget() {
        assertThat(claims(figures("ours", 100, 0, 200, Double.NaN), figures("oracle", 100, 0, 200, Double.NaN)))
                .filteredOn(claim -> claim.statement().contains("prediction"))
                .singleElement()
                .satisfies(claim -> assertThat(claim.holds()).isFalse());
    }
}

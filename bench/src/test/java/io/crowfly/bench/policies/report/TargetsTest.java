package io.crowfly.bench.policies.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.proof.Claim;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetsTest {

    private static List<Claim> claims(Figures... figures) {
        return Targets.of(List.of(new ScenarioResults(
                TestScenarios.of(TestScenarios.yaml("constant, rate: 1")), List.of(figures), List.of())));
    }

    @Test
    void thereAreNoTargetsWithoutCrowflysPolicyOrTheOracle() {
        assertThat(claims(TestFigures.of("oracle", 100, 0, 200, Double.NaN))).isEmpty();
        assertThat(claims(TestFigures.of("ours", 100, 0, 200, 0.01))).isEmpty();
    }

    @Test
    void holdForAPolicyCloseToTheOracle() {
        assertThat(claims(
                        TestFigures.of("random", 150, 50, 300, Double.NaN),
                        TestFigures.of("ours", 101, 1, 205, 0.04),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN)))
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(
                        claim -> assertThat(claim.holds()).as(claim.statement()).isTrue());
    }

    @Test
    void areMissedByAWorsePolicy() {
        assertThat(claims(
                        TestFigures.of("random", 100, 3, 300, Double.NaN),
                        TestFigures.of("ours", 102, 3, 240, 0.06),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN)))
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
        assertThat(claims(
                        TestFigures.of("ours", 100, 0, 200, Double.NaN),
                        TestFigures.of("oracle", 100, 0, 200, Double.NaN)))
                .filteredOn(claim -> claim.statement().contains("prediction"))
                .singleElement()
                .satisfies(claim -> assertThat(claim.holds()).isFalse());
    }

    @Test
    void afterABadBeginningMostTrafficMustComeBackInATimeThatDependsOnTheRate() {
        String badStart = TestScenarios.yaml("poisson, rate: 50").replace("weather: calm", "weather: bad-start");
        TrafficMoves atOnce = new TrafficMoves(Double.NaN, Double.NaN, 0, 10);
        TrafficMoves late = new TrafficMoves(Double.NaN, Double.NaN, 15, 40);
        Figures oracle = TestFigures.of("oracle", 100, 0, 200, Double.NaN, 0, atOnce);
        Figures ours = TestFigures.of("ours", 100, 0, 200, 0, 11, late);

        for (int rate : List.of(50, 10)) {
            List<Claim> claims = Targets.of(List.of(new ScenarioResults(
                    TestScenarios.of(badStart.replace("rate: 50", "rate: " + rate)),
                    List.of(ours, oracle),
                    List.of())));

            assertThat(claims)
                    .filteredOn(claim -> claim.statement().contains("70 %"))
                    .singleElement()
                    .satisfies(claim -> assertThat(claim.holds()).isEqualTo(rate == 10));
            // Exploration may take one request in a hundred of the thousand.
            assertThat(claims)
                    .filteredOn(claim -> claim.statement().contains("explorations"))
                    .singleElement()
                    .satisfies(claim -> assertThat(claim.holds()).isFalse());
        }
    }
}

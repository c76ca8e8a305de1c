package io.crowfly.bench.policies.simulation;

import static io.crowfly.bench.policies.simulation.FixedOrder.TTFT_AT_B;
import static io.crowfly.bench.policies.simulation.FixedOrder.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.EdgeEnvironment;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks scenarios with tiers, and with another objective than the first token. */
class GoalSimulationTest {

    /** Backend b is 110 ms slower to the first token than a, and 250 ms faster to the last of 51 tokens. */
    private static final String COMPLETION = TestScenarios.yaml("poisson, rate: 10")
            .replace("models:\n", "routing: {objective: completion}\nmodels:\n")
            .replace("first-token: 200ms}", "first-token: 200ms, between-tokens: 3ms}");

    private static final String TIERS = TestScenarios.yaml("poisson, rate: 10")
            .replace("models:\n", "routing: {tier-tolerance: 150ms}\nmodels:\n")
            .replace("name: a,", "name: a, tier: 2,");

    private static Function<EdgeEnvironment, SelectionPolicy> policy(String name) {
        return Policies.find(name).orElseThrow().factory();
    }

    private static double shareOfB(RunResult run) {
        return IntStream.range(0, run.choiceBackend().length)
                        .filter(i -> run.choiceBackend()[i] == 1)
                        .count()
                / (double) run.choiceBackend().length;
    }

    @Test
    void theOracleSelectsTheBackendWithTheEarliestEnd() {
        RunResult run = run(COMPLETION, policy(Policies.ORACLE));

        assertThat(shareOfB(run)).isEqualTo(1);
        assertThat(run.completionNanos()).isCloseTo(TTFT_AT_B + 50 * 3e6, within(1.0));
        assertThat(run.regretNanos()).isZero();
    }

    @Test
    void crowflysPolicyLearnsTheTimeBetweenTokens() {
        assertThat(shareOfB(run(COMPLETION, policy(Policies.OURS)))).isGreaterThan(0.8);
    }

    @Test
    void aLowerTierKeepsTheRequestsWithinTheTolerance() {
        // In the first seconds, more goes to the other tier, because the load that the lower one can take is not yet
        // known.
        String longer = TIERS.replace("duration: 20s", "duration: 60s");

        assertThat(shareOfB(run(longer, policy(Policies.ORACLE)))).isEqualTo(1);
        assertThat(shareOfB(run(longer, policy(Policies.OURS)))).isGreaterThan(0.9);
    }

    @Test
    void aLowerTierThatIsTooSlowLosesTheRequests() {
        String slow = TIERS.replace("150ms", "100ms");

        assertThat(shareOfB(run(slow, policy(Policies.ORACLE)))).isZero();
        assertThat(shareOfB(run(slow, policy(Policies.OURS)))).isLessThan(0.2);
    }
}

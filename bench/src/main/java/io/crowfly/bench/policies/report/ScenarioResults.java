package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Results of all policies in one scenario of {@code bench policies}, in the order of
 * {@link io.crowfly.bench.policies.policy.Policies#ALL}.
 *
 * @param scenario the scenario
 * @param figures figures of each policy
 * @param series time series of each policy, in the same order
 */
public record ScenarioResults(Scenario scenario, List<Figures> figures, List<TimeSeries> series) {

    public ScenarioResults {
        figures = List.copyOf(figures);
        series = List.copyOf(series);
    }

    public Optional<Figures> find(String policy) {
        return figures.stream().filter(one -> one.policy().equals(policy)).findFirst();
    }

    public Optional<Figures> oracle() {
        return find(Policies.ORACLE);
    }

    /**
     * Returns the figures with the lowest mean time to first token among all policies except the oracle and the one
     * with hedges, because a hedge makes any policy faster.
     */
    public Optional<Figures> bestRealizable() {
        return bestRealizableExcept("");
    }

    /** Returns the figures as {@link #bestRealizable} does, but without this policy's. */
    Optional<Figures> bestRealizableExcept(String policy) {
        return figures.stream()
                .filter(one -> !one.policy().equals(Policies.ORACLE)
                        && !one.policy().equals(Policies.OURS_HEDGED)
                        && !one.policy().equals(policy))
                .min(Comparator.comparingDouble(Figures::meanNanos));
    }
}

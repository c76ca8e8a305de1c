package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The results of all policies in one scenario, in the order of the list of policies.
 *
 * @param series the time series of each policy, in the same order
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

    /** Returns the figures with the lowest mean among the realizable policies. */
    public Optional<Figures> bestRealizable() {
        return figures.stream()
                .filter(one -> !one.policy().equals(Policies.ORACLE))
                .min(Comparator.comparingDouble(Figures::meanNanos));
    }
}

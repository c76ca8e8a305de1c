package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.List;
import java.util.Optional;

/** What all policies made of one scenario, in the order of the list of policies. */
public record Results(Scenario scenario, List<Figures> figures) {

    public Results {
        figures = List.copyOf(figures);
    }

    public Optional<Figures> of(String policy) {
        return figures.stream().filter(one -> one.policy().equals(policy)).findFirst();
    }

    public Optional<Figures> oracle() {
        return of(Policies.ORACLE);
    }

    /** The lowest mean among the policies that could be had. */
    public Optional<Figures> bestReal() {
        return figures.stream()
                .filter(one -> !one.policy().equals(Policies.ORACLE))
                .min(java.util.Comparator.comparingDouble(Figures::meanNanos));
    }
}

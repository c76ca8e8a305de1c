package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Table of {@code bench policies} for runs with several seeds: mean and worst value of each figure over the seeds, one
 * row for each scenario and policy. If Crowfly's policy ran, the table has only its rows, with and without hedges.
 */
public final class SeedTable {

    private static final String HEAD = """
            | scenario | policy | mean over the best other's | worst | mean over the oracle's | worst | regret | worst | p99 over the oracle's | worst | prediction off by | worst | share variation over the oracle's | worst | extra requests | worst |
            |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """;

    private SeedTable() {}

    /** Figures of one policy in one run, relative to the other policies; NaN where a figure does not apply. */
    private record Relative(
            double overBest,
            double overOracle,
            double regret,
            double p99,
            double predictionError,
            double variation,
            double hedges) {

        static Relative of(ScenarioResults results, Figures figures) {
            double best = results.bestRealizableExcept(figures.policy())
                    .map(Figures::meanNanos)
                    .orElse(Double.NaN);
            double oracleMean = results.oracle().map(Figures::meanNanos).orElse(Double.NaN);
            double oracleGoal = results.scenario().countsCompletion()
                    ? results.oracle().map(Figures::completionNanos).orElse(Double.NaN)
                    : oracleMean;
            double oracleVariation = results.oracle()
                    .map(oracle -> Math.max(Targets.MIN_VARIATION, oracle.shareVariation()))
                    .orElse(Double.NaN);
            double oracleP99 = results.oracle().map(Figures::p99Nanos).orElse(Double.NaN);
            return new Relative(
                    figures.meanNanos() / best,
                    figures.meanNanos() / oracleMean,
                    figures.regretNanos() / oracleGoal,
                    figures.p99Nanos() / oracleP99,
                    figures.predictionError(),
                    figures.shareVariation() / oracleVariation,
                    figures.hedgesPerRequest());
        }
    }

    /** @param all results of each scenario with each seed, in any order */
    public static String markdown(List<ScenarioResults> all) {
        boolean onlyOurs =
                all.stream().allMatch(results -> results.find(Policies.OURS).isPresent());
        Map<String, Map<String, List<Relative>>> rows = new LinkedHashMap<>();
        for (ScenarioResults results : all) {
            for (Figures figures : results.figures()) {
                String policy = figures.policy();
                if (onlyOurs ? isOurs(policy) : !policy.equals(Policies.ORACLE)) {
                    rows.computeIfAbsent(results.scenario().name(), name -> new LinkedHashMap<>())
                            .computeIfAbsent(policy, name -> new ArrayList<>())
                            .add(Relative.of(results, figures));
                }
            }
        }
        StringBuilder table = new StringBuilder(HEAD);
        Map<String, List<Relative>> total = new LinkedHashMap<>();
        rows.forEach((scenario, policies) -> policies.forEach((policy, runs) -> {
            table.append(row(scenario, policy, runs));
            total.computeIfAbsent(policy, name -> new ArrayList<>()).addAll(runs);
        }));
        if (rows.size() > 1) {
            total.forEach((policy, runs) -> table.append(row("all", policy, runs)));
        }
        return table.toString();
    }

    private static boolean isOurs(String policy) {
        return policy.equals(Policies.OURS) || policy.equals(Policies.OURS_HEDGED);
    }

    private static String row(String scenario, String policy, List<Relative> runs) {
        return "| %s | %s |".formatted(scenario, policy)
                + cells("%.3f", runs.stream().mapToDouble(Relative::overBest).toArray())
                + cells("%.3f", runs.stream().mapToDouble(Relative::overOracle).toArray())
                + cells(
                        "%.1f%%",
                        runs.stream().mapToDouble(run -> 100 * run.regret()).toArray())
                + cells("%.2f", runs.stream().mapToDouble(Relative::p99).toArray())
                + cells(
                        "%.1f%%",
                        runs.stream()
                                .mapToDouble(run -> 100 * run.predictionError())
                                .toArray())
                + cells("%.2f", runs.stream().mapToDouble(Relative::variation).toArray())
                + cells(
                        "%.1f%%",
                        runs.stream().mapToDouble(run -> 100 * run.hedges()).toArray())
                + "\n";
    }

    private static String cells(String format, double[] values) {
        double sum = 0;
        double worst = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            sum += value;
            worst = Math.max(worst, value);
        }
        return " %s | %s |"
                .formatted(MarkdownPage.number(format, sum / values.length), MarkdownPage.number(format, worst));
    }
}

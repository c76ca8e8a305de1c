package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.proof.Claim;
import java.util.List;
import java.util.Locale;

/**
 * Markdown page of {@code bench policies} with the tables of all scenarios. The same runs give the same page, byte by
 * byte, on every JDK and machine.
 */
public final class MarkdownPage {

    private static final String HEAD = """
            # Policies side by side

            Simulated, not measured: the same requests, events and random noise for each policy (`docs/policies.md` explains
            this page and each scenario). TTFT is from a request's arrival at the edge to its first token, retries included.
            Regret is the expected time of the first attempt beyond that at the best backend of the moment, as a share of the
            oracle's mean. The best realizable policy is in bold. Written by `crowfly bench policies`.
            """;

    private MarkdownPage() {}

    public static String markdown(List<ScenarioResults> all) {
        StringBuilder page = new StringBuilder(HEAD);
        List<Claim> claims = Targets.of(all);
        if (!claims.isEmpty()) {
            page.append("\n## Targets of Crowfly's policy\n\n| target | required | measured | |\n|---|--:|--:|---|\n");
            for (Claim claim : claims) {
                page.append("| %s | %s | %s | %s |\n"
                        .formatted(
                                claim.statement(),
                                claim.required(),
                                claim.measured(),
                                claim.holds() ? "held" : "**missed**"));
            }
        }
        page.append(overview(all));
        all.forEach(results -> page.append(section(results)));
        return page.toString();
    }

    /** Returns the table with the mean time to first token of each policy in each scenario, divided by the oracle's. */
    private static String overview(List<ScenarioResults> all) {
        List<String> policies =
                all.get(0).figures().stream().map(Figures::policy).toList();
        StringBuilder table = new StringBuilder("\n## Mean TTFT over the oracle's\n\n| scenario |");
        policies.forEach(policy -> table.append(' ').append(policy).append(" |"));
        table.append("\n|---|").append("--:|".repeat(policies.size())).append('\n');
        for (ScenarioResults results : all) {
            table.append("| ").append(results.scenario().name()).append(" |");
            for (Figures figures : results.figures()) {
                String ratio = results.oracle()
                        .map(oracle -> number("%.3f", figures.meanNanos() / oracle.meanNanos()))
                        .orElse("–");
                table.append(' ').append(bold(ratio, best(results, figures))).append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static boolean best(ScenarioResults results, Figures figures) {
        return results.bestRealizable().filter(best -> best == figures).isPresent();
    }

    private static String section(ScenarioResults results) {
        Scenario scenario = results.scenario();
        boolean watched = scenario.watched().isPresent();
        StringBuilder table = new StringBuilder();
        table.append("\n## `%s`: %s\n\n".formatted(scenario.name(), scenario.description()));
        table.append("Weather: %s. Shares: %s.\n\n"
                .formatted(
                        scenario.weather().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        String.join(
                                ", ",
                                scenario.backends().stream()
                                        .map(Scenario.Backend::name)
                                        .toList())));
        table.append("| policy | mean ms | p50 | p99 | regret | prediction off by | errors | 429s | attempts |")
                .append(" extra requests | extra tokens |");
        table.append(scenario.countsCompletion() ? " mean to last token |" : "");
        table.append(scenario.hasTiers() ? " in the lowest tier |" : "");
        table.append(watched ? " moved away after | back after | 70 % after | sent during it | explorations |" : "");
        table.append(" share varies by | shares % |\n");
        table.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
                .append(scenario.countsCompletion() ? "--:|" : "")
                .append(scenario.hasTiers() ? "--:|" : "")
                .append(watched ? "--:|--:|--:|--:|--:|" : "")
                .append("--:|---|\n");
        for (Figures figures : results.figures()) {
            table.append(row(results, figures, watched));
        }
        return table.toString();
    }

    private static String row(ScenarioResults results, Figures figures, boolean watched) {
        Scenario scenario = results.scenario();
        String regret = results.oracle()
                .map(oracle -> 100
                        * figures.regretNanos()
                        / (scenario.countsCompletion() ? oracle.completionNanos() : oracle.meanNanos()))
                .map(percent -> number("%.1f%%", percent))
                .orElse("–");
        StringBuilder shares = new StringBuilder();
        for (double share : figures.share()) {
            shares.append(shares.length() == 0 ? "" : " ").append(number("%.0f", 100 * share));
        }
        StringBuilder row = new StringBuilder();
        row.append("| %s | %s | %s | %s | %s | %s | %d | %d | %s | %s | %s |"
                .formatted(
                        figures.policy(),
                        bold(millis(figures.meanNanos()), best(results, figures)),
                        millis(figures.p50Nanos()),
                        millis(figures.p99Nanos()),
                        figures.policy().equals(Policies.ORACLE) ? "0" : regret,
                        number("%.1f%%", 100 * figures.predictionError()),
                        figures.errors(),
                        figures.clientResponses429(),
                        number("%.3f", figures.attemptsPerRequest()),
                        share(figures.hedgesPerRequest()),
                        share(figures.lostTokenShare())));
        if (scenario.countsCompletion()) {
            row.append(" %s |".formatted(millis(figures.completionNanos())));
        }
        if (scenario.hasTiers()) {
            row.append(" %s |".formatted(number("%.1f%%", 100 * figures.lowestTierShare())));
        }
        if (watched) {
            TrafficMoves moves = figures.moves();
            row.append(" %s | %s | %s | %d | %d |"
                    .formatted(
                            seconds(moves.leaveSeconds()),
                            seconds(moves.returnSeconds()),
                            seconds(moves.mostSeconds()),
                            moves.sentDuringEvent(),
                            figures.explorations()));
        }
        return row.append(" %s | %s |\n".formatted(number("%.2f", figures.shareVariation()), shares))
                .toString();
    }

    private static String share(double share) {
        return share == 0 ? "0" : number("%.1f%%", 100 * share);
    }

    private static String bold(String text, boolean bold) {
        return bold ? "**" + text + "**" : text;
    }

    private static String millis(double nanos) {
        return number("%.1f", nanos / 1e6);
    }

    static String seconds(double seconds) {
        return seconds == Double.POSITIVE_INFINITY ? "never" : number("%.2f s", seconds);
    }

    static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }
}

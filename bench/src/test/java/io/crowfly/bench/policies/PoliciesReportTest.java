package io.crowfly.bench.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.LongRuns;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.report.MarkdownPage;
import io.crowfly.bench.policies.report.PlotPage;
import io.crowfly.bench.policies.report.ScenarioResults;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenarios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Checks that the checked-in pages match the current policies, so that a change of a policy shows its effect in the
 * diff. Short runs include only cold starts, because a cold start takes less time.
 */
class PoliciesReportTest {

    private static final Path RESULTS = Path.of("results");

    /** Cold starts that are left out too: the longest ones, and calm weather except in one country. */
    private static final Set<String> LEFT_OUT = Set.of(
            "saturation-40-edges-cold",
            "saturation-4-edges-cold",
            "two-dozen-cold",
            "japan-calm-cold",
            "netherlands-calm-cold",
            "norway-calm-cold",
            "uk-calm-cold");

    @Test
    void thePagesMatchTheCurrentPolicies() throws Exception {
        List<Scenario> scenarios = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (String name : Scenarios.SHIPPED) {
            for (Scenario scenario : Scenarios.find(name).variants()) {
                if (LongRuns.SELECTED || scenario.isCold() && !LEFT_OUT.contains(scenario.name())) {
                    scenarios.add(scenario);
                } else {
                    leftOut.add(scenario.name());
                }
            }
        }

        List<ScenarioResults> results = PolicyComparison.run(scenarios, Policies.ALL);

        compare("policies.md", MarkdownPage.markdown(results), leftOut);
        compare("policies.html", PlotPage.html(results), leftOut);
    }

    private static void compare(String file, String now, List<String> leftOut) throws IOException {
        Path fresh =
                Files.writeString(Files.createDirectories(Path.of("target")).resolve(file), now);
        String checkedIn = Files.readString(RESULTS.resolve(file));
        for (String scenario : leftOut) {
            checkedIn = without(scenario, checkedIn);
        }
        // In the data of a page, a comma precedes every scenario except the first.
        boolean same = now.replace("\n,{", "\n{").equals(checkedIn.replace("\n,{", "\n{"));
        assertThat(same)
                .as(
                        "bench/results/%s differs from the current result, because a policy or a scenario has changed. Compare it with "
                                + "bench/%s. If the change is intended, run `./crowfly bench policies` and commit both pages",
                        file, fresh)
                .isTrue();
    }

    /** Removes a scenario: its section and its rows in the other tables of one page, its line of the other page. */
    private static String without(String scenario, String page) {
        String shorter = page.replaceAll("(?s)## `" + scenario + "`.*?(?=## )", "")
                .replaceAll("(?m)^(\\| " + scenario + "[:, ]|,?\\{\"name\":\"" + scenario + "\").*\n", "");
        assertThat(shorter).as(scenario).isNotEqualTo(page);
        return shorter;
    }
}

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
import org.junit.jupiter.api.Test;

/**
 * Checks that the checked-in pages match the current policies, so that a change of a policy shows its effect in the
 * diff.
 */
class PoliciesReportTest {

    private static final Path RESULTS = Path.of("results");

    /** Takes as long as all other scenarios together, so that only long runs include this one. */
    private static final String LONGEST = "saturation-40-edges";

    @Test
    void thePagesMatchTheCurrentPolicies() throws Exception {
        List<Scenario> scenarios = new ArrayList<>();
        for (String name : Scenarios.SHIPPED) {
            if (LongRuns.SELECTED || !name.equals(LONGEST)) {
                scenarios.add(Scenarios.find(name));
            }
        }

        List<ScenarioResults> results = PolicyComparison.run(scenarios, Policies.ALL);

        compare("policies.md", MarkdownPage.markdown(results));
        compare("policies.html", PlotPage.html(results));
    }

    private static void compare(String file, String now) throws IOException {
        Path fresh =
                Files.writeString(Files.createDirectories(Path.of("target")).resolve(file), now);
        String checkedIn = Files.readString(RESULTS.resolve(file));
        boolean same = now.equals(LongRuns.SELECTED ? checkedIn : withoutLongest(checkedIn));
        assertThat(same)
                .as(
                        "bench/results/%s differs from the current result, because a policy or a scenario has changed. Compare it with "
                                + "bench/%s. If the change is intended, run `./crowfly bench policies` and commit both pages",
                        file, fresh)
                .isTrue();
    }

    /** Removes the longest scenario: its section and its rows in the other tables of one page, its line of the other. */
    private static String withoutLongest(String page) {
        String shorter = page.replaceAll("(?s)## `" + LONGEST + "`.*?(?=## )", "")
                .replaceAll("(?m)^(\\| " + LONGEST + "[: ]|,\\{\"name\":\"" + LONGEST + "\").*\n", "");
        assertThat(shorter).isNotEqualTo(page).doesNotContain(LONGEST);
        return shorter;
    }
}

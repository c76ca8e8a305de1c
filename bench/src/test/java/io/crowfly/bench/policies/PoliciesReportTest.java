package io.crowfly.bench.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.report.Page;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenarios;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the checked-in page is what the policies do now, so that whoever changes one sees the effect in the diff. */
class PoliciesReportTest {

    private static final Path CHECKED_IN = Path.of("results", "policies.md");

    @Test
    void thePageIsWhatThePoliciesDoNow() throws Exception {
        List<Scenario> scenarios = new ArrayList<>();
        for (String name : Scenarios.SHIPPED) {
            scenarios.add(Scenarios.find(name));
        }

        String now = Page.markdown(Comparison.run(scenarios, Policies.ALL));

        Path fresh =
                Files.writeString(Files.createDirectories(Path.of("target")).resolve("policies.md"), now);
        assertThat(CHECKED_IN)
                .as(
                        "a policy or a scenario has changed what comes out; look at the difference to bench/%s, and if it is "
                                + "what you want, run `./crowfly bench policies` (or copy that file) and commit bench/%s",
                        fresh, CHECKED_IN)
                .hasContent(now);
    }
}

package io.crowfly.bench.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PoliciesBenchTest {

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int policies(String... args) {
        CommandLine line = io.crowfly.balancer.Main.commandLine();
        line.addSubcommand("policies", PoliciesBench.spec());
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(
                Stream.concat(Stream.of("policies"), Stream.of(args)).toArray(String[]::new));
    }

    @Test
    void comparesTheNamedPoliciesInAScenarioFile() throws Exception {
        Path file = Files.writeString(folder.resolve("mine.yaml"), TestScenarios.yaml("poisson, rate: 20"));

        int exit = policies(
                "--scenario", file.toString(), "--policy", "random", "--policy", "oracle", "--out", folder + "");

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("## `mine`", "| random |", "| oracle |")
                .doesNotContain("| round-robin |");
        assertThat(folder.resolve("policies.md")).hasContent(out.toString());
        assertThat(folder.resolve("policies.html"))
                .content()
                .contains("\"name\":\"mine\"")
                .doesNotContain("/*DATA*/", "<link", "src=");
    }

    @Test
    void anotherSeedGivesOtherResults() throws Exception {
        Path file = Files.writeString(
                folder.resolve("mine.yaml"),
                TestScenarios.yaml("poisson, rate: 20").replace("sigma: 0,", "sigma: 0.5,"));
        List<String> pages = new ArrayList<>();
        for (String seed : List.of("1", "2", "1")) {
            out.getBuffer().setLength(0);
            assertThat(policies("--scenario", file.toString(), "--policy", "oracle", "--seed", seed))
                    .isZero();
            pages.add(out.toString());
        }

        assertThat(pages.get(1)).isNotEqualTo(pages.get(0));
        assertThat(pages.get(2)).isEqualTo(pages.get(0));
    }

    @Test
    void aScenarioWithWarmUpAlsoRunsWithAColdStart() throws Exception {
        Path file = Files.writeString(
                folder.resolve("mine.yaml"),
                TestScenarios.yaml("poisson, rate: 20").replace("warm-up: 0s", "warm-up: 5s"));
        String[] both = {"--scenario", file.toString(), "--policy", "oracle"};

        policies(both);
        assertThat(out.toString()).contains("## `mine`", "## `mine-cold`");

        out.getBuffer().setLength(0);
        policies(Stream.concat(Stream.of(both), Stream.of("--start", "cold")).toArray(String[]::new));
        assertThat(out.toString()).contains("## `mine-cold`").doesNotContain("## `mine`");

        assertThat(policies("--start", "hot")).isEqualTo(2);
        assertThat(err.toString()).contains("must be warm, cold or both, not hot");
    }

    @Test
    void severalSeedsGiveOneTableWithMeanAndWorstFigures() throws Exception {
        Path file = Files.writeString(
                folder.resolve("mine.yaml"),
                TestScenarios.yaml("poisson, rate: 20").replace("sigma: 0,", "sigma: 0.5,"));

        int exit = policies(
                "--scenario",
                file.toString(),
                "--policy=random",
                "--policy=round-robin",
                "--policy=oracle",
                "--seed=1,2",
                "--seed=3",
                "--out",
                folder + "");

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .hasSize(4)
                .element(2)
                .asString()
                .matches("\\| mine \\| round-robin \\|( \\d+\\.\\d{3} \\|){4} \\d+\\.\\d% \\|.*");
        assertThat(folder.resolve("policies-seeds.md")).hasContent(out.toString());
    }

    @Test
    void replaysAnAccessLogInPlaceOfTheScenariosRequests() throws Exception {
        Path file = Files.writeString(folder.resolve("mine.yaml"), TestScenarios.yaml("poisson, rate: 20"));
        Path log = Files.writeString(folder.resolve("access.log"), """
                {"time":"2026-11-17T10:00:00.500Z","method":"POST","path":"/v1/chat/completions","model":"m","requestBytes":4000}
                {"time":"2026-11-17T10:00:00Z","method":"POST","path":"/v1/chat/completions","model":"n","requestBytes":4000}
                {"time":"2026-11-17T10:00:01Z","method":"GET","path":"/v1/models","requestBytes":0}
                """);

        int exit = policies("--scenario", file.toString(), "--policy", "oracle", "--replay", log.toString());

        assertThat(exit).as(err.toString()).isZero();
        // A round trip of 10 ms, 100 ms to the first token, and another 100 ms for a thousand tokens of prompt.
        assertThat(out.toString()).contains("| oracle | 210.0 | 210.0 | 210.0 |");
        assertThat(err.toString())
                .contains("models unknown to the scenario are replaced by random models of the scenario: n");
    }

    @Test
    void aReplayNeedsOneScenario() {
        assertThat(policies("--replay", "access.log")).isEqualTo(2);
        assertThat(err.toString()).contains("--replay needs exactly one --scenario");
    }

    @Test
    void anUnknownPolicyIsBadUsageAndAnUnknownScenarioAFailure() {
        assertThat(policies("--policy", "wishful")).isEqualTo(2);
        assertThat(policies("--scenario", "nowhere")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "no policy is named wishful; the policies are round-robin",
                        "no file is named nowhere; the scenarios are us-calm");
    }
}

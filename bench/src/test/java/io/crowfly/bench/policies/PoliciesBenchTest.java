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
    void comparesThePoliciesThatAreNamedInAScenarioOfOnesOwn() throws Exception {
        Path file = Files.writeString(folder.resolve("mine.yaml"), TestScenarios.yaml("poisson, rate: 20"));

        int exit = policies(
                "--scenario", file.toString(), "--policy", "random", "--policy", "oracle", "--out", folder + "");

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("## `mine`", "| random |", "| oracle |")
                .doesNotContain("| round-robin |");
        assertThat(folder.resolve("policies.md")).hasContent(out.toString());
    }

    @Test
    void anotherSeedIsOtherLuck() throws Exception {
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
    void aPolicyThatIsNoneIsBadUsageAndAScenarioThatIsNoneAFailure() {
        assertThat(policies("--policy", "wishful")).isEqualTo(2);
        assertThat(policies("--scenario", "nowhere")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "no policy is named wishful; there are round-robin",
                        "no file is named nowhere; there are us-calm");
    }
}

package io.crowfly.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.crowfly.bench.process.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmarks that check claims, as short as possible: do they run, and can their claims hold? */
class ProofsIT {

    private static final Path LAUNCHER = Path.of("..", "crowfly");

    @TempDir
    Path results;

    private final StringWriter output = new StringWriter();

    @Test
    void reloadsAndAKilledBackendCostNoRequest() {
        assumeThat(Programs.installed().missing(Stream.of("nginx", "wrk"))).isEmpty();

        int exit = runBenchmark("reload", "--reloads", "11", "--kills", "1", "--seconds-per-phase", "1");

        assertThat(exit).as(output.toString()).isZero();
        assertThat(results.resolve("reload.md"))
                .content()
                .contains("| reloads with the right result | 11 | 11 | held |");
    }

    /**
     * After a short warm-up the JVM itself still grows, so that only the benchmark checks how flat its memory stays.
     */
    @Test
    void memoryIsBoundedAndNothingIsLost() {
        runBenchmark("memory", "--mib", "64", "--slow-seconds", "2", "--leavers", "20");

        assertThat(results.resolve("memory.md"))
                .as(output.toString())
                .content()
                .contains(
                        "| large bodies complete, by CRC32C | 3 | 3 | held |",
                        "| leaks in the log | 0 | 0 | held |",
                        "| resident memory: peak | at most 384 MiB |");
        assertThat(results.resolve("memory.md")).content().satisfies(page -> assertThat(page.lines())
                .noneMatch(line -> line.contains("FAILED") && !line.contains("maximum beyond")));
    }

    @Test
    void bodiesWithTheirModelLastStayWithinTheMemoryLimit() {
        int exit = runBenchmark("bodies", "--clients", "6", "--mib", "2", "--held-total-mib", "24");

        assertThat(exit).as(output.toString()).isZero();
        assertThat(results.resolve("bodies.md"))
                .content()
                .contains("| chunked: the backend's name for the model, all other bytes unchanged | 6 | 6 | held |");
    }

    /** A test does not check the cost, only that models are renamed and that all requests succeed. */
    @Test
    void rewritingMeasuresModelsThatAreRenamed() {
        assumeThat(Programs.installed().missing(Stream.of("nginx", "wrk"))).isEmpty();

        runBenchmark("rewriting", "--rounds", "1", "--seconds", "3", "--warm-up", "5", "--pairs", "1");

        assertThat(results.resolve("rewriting.md"))
                .content()
                .contains("| model last: the model that a backend receives | gpt-4o-westeurope-reserved |"
                        + " gpt-4o-westeurope-reserved | held |")
                .contains("| model first: the model without renaming | gpt-4o | gpt-4o | held |")
                .containsPattern("model last: errors in [\\d,]+ requests \\| 0 \\| 0 \\| held");
    }

    @Test
    void refusesInvalidOptions() {
        assertThat(runBenchmark("reload", "--reloads", "0")).isEqualTo(2);
        assertThat(output.toString()).contains("--reloads must be at least 1");
    }

    private int runBenchmark(String name, String... options) {
        assertThat(Files.isExecutable(LAUNCHER)).isTrue();
        List<String> arguments = Stream.concat(
                        Stream.of("bench", name, "--out", results.toString(), "--crowfly", LAUNCHER + " run FILE"),
                        Stream.of(options))
                .toList();
        PrintWriter writer = new PrintWriter(output, true);
        return Main.commandLine().setOut(writer).setErr(writer).execute(arguments.toArray(String[]::new));
    }
}

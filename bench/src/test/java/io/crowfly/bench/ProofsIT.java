package io.crowfly.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.process.OtherPrograms;
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
        OtherPrograms.assumeInstalled("nginx", "wrk");

        int exit = runBenchmark("reload", "--reloads", "11", "--kills", "1", "--seconds-per-phase", "1");

        assertThat(exit).as(output.toString()).isZero();
        assertThat(results.resolve("reload.md"))
                .content()
                .contains("| reloads with the right result | 11 | 11 | held |");
    }

    /** A test does not compare times to the first token, and does not check how soon a certificate is served. */
    @Test
    void replacedProcessesReloadsAndNewCertificatesCostNoRequest() {
        runBenchmark(
                "replace",
                "--replacements",
                LongRuns.choose("1", "3"),
                "--reloads",
                "10",
                "--rotations",
                "2",
                "--seconds",
                "1",
                "--warm-up",
                "1");

        assertThat(results.resolve("replace.md"))
                .as(output.toString())
                .content()
                .contains("| successful reloads | 10 | 10 | held |")
                .containsPattern("old processes that drained and ended with 0 \\| (\\d) \\| \\1 \\| held")
                .satisfies(page -> assertThat(page.lines().filter(line -> line.startsWith("| failed")))
                        .hasSize(5)
                        .allMatch(line -> line.endsWith("| 0 | 0 | held |")));
    }

    /**
     * After a short warm-up the JVM itself still grows, so that only the benchmark checks how flat its memory stays.
     */
    @Test
    void memoryIsBoundedAndNothingIsLost() {
        String warmUp = LongRuns.choose("32", "256");
        String waves = LongRuns.choose("1", "3");
        runBenchmark(
                "memory",
                "--mib",
                "64",
                "--warm-up-mib",
                warmUp,
                "--slow-seconds",
                "2",
                "--leavers",
                "20",
                "--waves",
                waves);

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

    /** A test does not check latencies, only that the balancer survives and loses no good request. */
    @Test
    void hostileClientsCostNoGoodRequest() {
        OtherPrograms.assumeInstalled("nginx");

        List<String> options = List.of(
                "--seconds",
                LongRuns.choose("1", "4"),
                "--warm-up",
                LongRuns.choose("1", "2"),
                "--first-attack",
                "1",
                "--good",
                "8",
                "--dripping",
                "6",
                "--drip-millis",
                "5",
                "--trickling",
                "200",
                "--holding",
                "10",
                "--body-mib",
                "1",
                "--closing",
                "5");
        runBenchmark("attack", options.toArray(String[]::new));

        assertThat(results.resolve("attack.md"))
                .as(output.toString())
                .content()
                .containsPattern("good requests lost, of [\\d,]+ .* \\| 0 \\| 0 \\| held")
                .contains("| the process is alive | yes | yes | held |")
                .contains("| trickling heads | 200 | 200 |");
    }

    /** A test does not check the cost, only that models are renamed and that all requests succeed. */
    @Test
    void rewritingMeasuresModelsThatAreRenamed() {
        OtherPrograms.assumeInstalled("nginx", "wrk");

        String seconds = LongRuns.choose("1", "3");
        String warmUp = LongRuns.choose("2", "5");
        runBenchmark("rewriting", "--rounds", "1", "--seconds", seconds, "--warm-up", warmUp, "--pairs", "1");

        assertThat(results.resolve("rewriting.md"))
                .as(output.toString())
                .content()
                .contains("| model last: the model that a backend receives | gpt-4o-westeurope-reserved |"
                        + " gpt-4o-westeurope-reserved | held |")
                .contains("| model first: the model without renaming | gpt-4o | gpt-4o | held |")
                .containsPattern("model last: errors in [\\d,]+ requests \\| 0 \\| 0 \\| held");
    }

    @Test
    void refusesInvalidOptions() {
        assertThat(runBenchmark("memory", "--mib", "0")).isEqualTo(2);
        assertThat(output.toString()).contains("--mib must be at least 1");
    }

    private int runBenchmark(String name, String... options) {
        assertThat(Files.isExecutable(LAUNCHER)).isTrue();
        String crowfly = "env CROWFLY_STARTUP_CACHE=off " + LAUNCHER + " run FILE";
        List<String> arguments = Stream.concat(
                        Stream.of("bench", name, "--out", results.toString(), "--crowfly", crowfly), Stream.of(options))
                .toList();
        PrintWriter writer = new PrintWriter(output, true);
        return Main.commandLine().setOut(writer).setErr(writer).execute(arguments.toArray(String[]::new));
    }
}

package io.crowfly.bench.decision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/** Main class of the separate process in which {@code bench decision} runs JMH. */
final class JmhMain {

    private static final String BYTES = "gc.alloc.rate.norm";

    private JmhMain() {}

    /** @param args the path of the file for the results; each line is a {@link BenchmarkResult#toLine} */
    public static void main(String[] args) throws RunnerException, IOException {
        var options = new OptionsBuilder()
                .include(JmhMain.class.getPackageName())
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .build();
        List<String> lines = new Runner(options)
                .run().stream()
                        .map(JmhMain::measured)
                        .map(BenchmarkResult::toLine)
                        .toList();
        Files.write(Path.of(args[0]), lines);
    }

    private static BenchmarkResult measured(RunResult result) {
        BenchmarkParams params = result.getParams();
        Statistics nanos = result.getPrimaryResult().getStatistics();
        return new BenchmarkResult(
                result.getPrimaryResult().getLabel(),
                Integer.parseInt(params.getParam("backends")),
                Optional.ofNullable(params.getParam("rules"))
                        .map(Integer::parseInt)
                        .orElse(0),
                nanos.getPercentile(50),
                nanos.getMax(),
                result.getSecondaryResults().get(BYTES).getScore());
    }
}

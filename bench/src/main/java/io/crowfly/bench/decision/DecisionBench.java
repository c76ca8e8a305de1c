package io.crowfly.bench.decision;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Command {@code crowfly bench decision}: measures the time and the allocation of one backend selection. */
public final class DecisionBench {

    /** Required maximum time of a decision in nanoseconds, by the number of backends. */
    private static final Map<Integer, Long> MAX_NANOS = Map.of(6, 100L, 500, 300L);

    private static final List<String> CLAIMED = List.of("first", "firstOfUnseen", "next");

    private static final String METHOD = """
            JMH, average time, with its allocation profiler. An edge with 6 backends and one with 500 have had responses
            of 20 classes of requests (10 models, streamed and not) in 4 sizes from each backend. Half of the backends
            are within a few percent of the best and share the requests, and each has some in flight. The table is
            computed by the balancer's `Planner` from the state of its `Probes`. `first` is a decision: the look-up of
            the candidates, and the selection. All three rules are evaluated for each request, and the last one matches.
            `firstOfUnseen` is a decision for a model without observations. `next` selects the backend after two
            failures. Medians over the iterations of all forks; the worst iteration shows other activity of the machine.
            """;

    private DecisionBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "decision",
                "Measures time and allocation of decisions, and the time of planning. Takes about three minutes.",
                List.of(),
                List.of(),
                DecisionBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        Map<String, String> facts = Machine.facts();
        facts.put("JDK", Runtime.version().toString());
        try (RunFolder folder = RunFolder.create("decision");
                Children children = new Children(programs)) {
            progress.println("measuring ...");
            progress.flush();
            List<BenchmarkResult> results = JmhRun.run(children, folder.path());
            return new Proof("Decisions", METHOD, facts, claims(results), figures(results));
        }
    }

    private static List<Claim> claims(List<BenchmarkResult> results) {
        return results.stream()
                .filter(result -> CLAIMED.contains(result.name()))
                .flatMap(result -> Stream.of(
                        Claim.atMost(
                                result.label(),
                                MAX_NANOS.get(result.backends()),
                                (long) Math.ceil(result.medianNanos()),
                                " ns"),
                        Claim.atMost(result.label() + ", allocated", 0, Math.round(result.bytesAllocated()), " B")))
                .toList();
    }

    private static String figures(List<BenchmarkResult> results) {
        StringBuilder table = new StringBuilder("""
                `publish` computes a ranking from the state of the backends, `plan` a table from a ranking. The control
                thread does both up to twenty times per second (every 50 ms, or every ten times their duration).

                | | backends | rules | ns/op | worst | B/op |
                |---|--:|--:|--:|--:|--:|
                """);
        results.stream().map(BenchmarkResult::toRow).forEach(table::append);
        return table.toString();
    }
}

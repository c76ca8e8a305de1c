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

/** The command {@code bench decision}. */
public final class DecisionBench {

    private static final Map<Integer, Long> MAX_NANOS = Map.of(6, 100L, 500, 300L);

    private static final List<String> CLAIMED = List.of("first", "firstOfUnseen", "next");

    private static final String METHOD = """
            JMH, average time, with its profiler of allocations. An edge of 6 backends and one of 500 have had answers of 20 classes
            of requests (10 models, streamed and not) in 4 sizes from each; half of the backends are within a few percent of the best
            and share the requests, and each has some in flight. The table is the one that the balancer's own `Planner` makes of what its own
            `Probes` know. `first` is a decision: the look-up of the candidates, and the choice; the three rules are looked at for each
            request, and the last one holds. `firstOfUnseen` is one for a model that has not been seen before; `next` is where a
            request goes that two have failed. Medians over the iterations of all forks; the worst iteration shows what else the machine did.
            """;

    private DecisionBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "decision",
                "What a decision takes and allocates, and what planning ahead takes. Some three minutes.",
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
                `publish` is a ranking made of what is known, `plan` a table made of a ranking. The control thread does both up to twenty
                times a second (every 50 ms, or every ten times of what it took).

                | | backends | rules | ns/op | worst | B/op |
                |---|--:|--:|--:|--:|--:|
                """);
        results.stream().map(BenchmarkResult::toRow).forEach(table::append);
        return table.toString();
    }
}

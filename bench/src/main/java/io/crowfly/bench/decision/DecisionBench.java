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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Command {@code crowfly bench decision}: measures the time and the allocation of one backend selection. */
public final class DecisionBench {

    /** Required maximum time of a decision in nanoseconds, by the number of backends. */
    private static final Map<Integer, Long> MAX_NANOS = Map.of(6, 100L, 500, 300L);

    private static final List<String> DECISIONS = List.of("first", "firstOfUnseen", "next");

    private static final List<String> TICKS = List.of("quietTick", "busyTick");

    /** Required maximum time of a tick in microseconds, by the number of backends. */
    private static final Map<Integer, Long> MAX_TICK_MICROS = Map.of(6, 30L, 500, 3_000L);

    /** Required maximum allocation of a tick among {@link #SMALL} backends. */
    private static final long MAX_TICK_BYTES = 10_000;

    private static final int SMALL = 6;

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
        List<Claim> claims = new ArrayList<>();
        for (BenchmarkResult result : results) {
            if (DECISIONS.contains(result.name())) {
                long nanos = (long) Math.ceil(result.medianNanos());
                claims.add(Claim.atMost(result.label(), MAX_NANOS.get(result.backends()), nanos, " ns"));
                claims.add(allocation(result, 0));
            } else if (TICKS.contains(result.name())) {
                long micros = (long) Math.ceil(result.medianNanos() / 1000);
                claims.add(Claim.atMost(result.label(), MAX_TICK_MICROS.get(result.backends()), micros, " µs"));
                if (result.backends() == SMALL) {
                    claims.add(allocation(result, MAX_TICK_BYTES));
                }
            }
        }
        return claims;
    }

    private static Claim allocation(BenchmarkResult result, long most) {
        return Claim.atMost(result.label() + ", allocated", most, Math.round(result.bytesAllocated()), " B");
    }

    private static String figures(List<BenchmarkResult> results) {
        StringBuilder table = new StringBuilder("""
                The control thread computes a ranking and a table up to twenty times per second (every 50 ms, or every ten
                times their duration). `quietTick` is such a tick without responses, `busyTick` one with 10 responses, that
                is 200 per second. `firstTable` computes all plans anew, as after a reload.

                | | backends | rules | ns/op | worst | B/op |
                |---|--:|--:|--:|--:|--:|
                """);
        results.stream().map(BenchmarkResult::toRow).forEach(table::append);
        return table.toString();
    }
}

package io.crowfly.bench.backends;

import io.crowfly.bench.peers.CrowflyPeer;
import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.PeersRun;
import io.crowfly.bench.peers.ProxySample;
import io.crowfly.bench.peers.Spread;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Command {@code crowfly bench backends}: compares the CPU cost of a request with few and with many backends. */
public final class BackendsBench {

    private static final OptionSpec ROUNDS = ProofCommand.number("--rounds", 5, "rounds of each process");
    private static final OptionSpec SECONDS = ProofCommand.number("--seconds", 4, "length of a round");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up", 38, "seconds of load before each process's first round");
    private static final OptionSpec MANY = ProofCommand.number("--many", 500, "the larger number of backends");

    private static final int FEW = 6;

    /** Required maximum of the CPU time of a request among many backends, divided by that among few. */
    private static final double MAX_RATIO = 1.05;

    private BackendsBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "backends",
                "Compares the CPU cost of a request with 6 and with 500 backends.",
                List.of("taskset", "wrk", "nginx"),
                List.of(ROUNDS, SECONDS, WARM_UP, MANY),
                BackendsBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int rounds = ProofCommand.value(options, ROUNDS);
        int seconds = ProofCommand.value(options, SECONDS);
        int warmUp = ProofCommand.value(options, WARM_UP);
        int many = ProofCommand.value(options, MANY);
        CrowflyPeer few = new CrowflyPeer("few", crowfly.line(), FEW, warmUp);
        CrowflyPeer more = new CrowflyPeer("many", crowfly.line(), many, warmUp);
        Map<String, List<ProxySample>> samples =
                new PeersRun(programs, List.of(few, more), rounds, seconds, progress).run(PeerScenario.SMALL);
        List<ProxySample> ofFew = samples.getOrDefault(few.name(), List.of());
        List<ProxySample> ofMany = samples.getOrDefault(more.name(), List.of());
        Spread costOfFew = Spread.of(ofFew, ProxySample::cost);
        Spread costOfMany = Spread.of(ofMany, ProxySample::cost);
        List<Claim> claims = List.of(
                Claim.within(
                        "CPU per small GET among %d backends, relative to %d".formatted(many, FEW),
                        MAX_RATIO,
                        costOfMany.median() / costOfFew.median(),
                        ""),
                Claim.zero("errors", errors(ofFew) + errors(ofMany)));
        Map<String, String> facts = Machine.facts();
        facts.put("crowfly", few.version(programs));
        return new Proof(
                "Many backends",
                method(seconds, rounds),
                facts,
                claims,
                """
                | backends | CPU µs per request | least–most |
                |--:|--:|--:|
                """ + row(FEW, costOfFew) + row(many, costOfMany));
    }

    private static String method(int seconds, int rounds) {
        return """
                Two Crowfly processes with %d and with more backends, all of which are equal and are probed each second. Their
                addresses are the two ports at which nginx runs. Each process has one event loop and is pinned to core 1; load
                generator (64 connections) and nginx are pinned to core 0. The processes are warmed up, then loaded in turn for
                %d s each, %d rounds: A B A B. Medians, with least and most. CPU is user and system time of the process per
                completed request, with the probes.
                """.formatted(FEW, seconds, rounds);
    }

    private static long errors(List<ProxySample> samples) {
        return samples.stream().mapToLong(ProxySample::errors).sum();
    }

    private static String row(int backends, Spread cost) {
        return String.format(
                Locale.ROOT, "| %d | %.1f | %.1f–%.1f |%n", backends, cost.median(), cost.min(), cost.max());
    }
}

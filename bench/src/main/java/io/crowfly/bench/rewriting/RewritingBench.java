package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.CrowflyPeer;
import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.PeersRun;
import io.crowfly.bench.peers.ProxySample;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import io.crowfly.bench.rewriting.ModelRenamingReport.Extent;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Command {@code crowfly bench rewriting}: measures the CPU cost of replacing a model's name in a request. */
public final class RewritingBench {

    private static final OptionSpec ROUNDS = ProofCommand.number("--rounds", 5, "rounds of each process");
    private static final OptionSpec SECONDS = ProofCommand.number("--seconds", 8, "length of a round");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up", 15, "seconds of load before each process's first round");

    /**
     * Number of process pairs. The speed of two JVMs with the same work may differ by a few percent for their whole
     * lifetime.
     */
    private static final OptionSpec PAIRS = ProofCommand.number(
            "--pairs", 2, "number of pairs of new processes, because JIT compilation differs between processes");

    /** Model name that clients send in {@link PeerScenario#body}. */
    static final String MODEL = "gpt-4o";

    /**
     * Model name at the backends, as long as a typical deployment name. It is longer than {@link #MODEL}, so that the
     * body's length must be corrected as well.
     */
    static final String DEPLOYMENT = "gpt-4o-westeurope-reserved";

    private static final List<PeerScenario> SCENARIOS = List.of(PeerScenario.POST_MODEL_LAST, PeerScenario.POST);

    static final String PLAIN = "plain";
    static final String RENAMING = "renaming";

    private RewritingBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "rewriting",
                "Measures the CPU cost of replacing the model's name, compared with pass-through.",
                List.of("taskset", "wrk", "nginx"),
                List.of(ROUNDS, SECONDS, WARM_UP, PAIRS),
                RewritingBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        Extent extent = new Extent(
                ProofCommand.value(options, PAIRS),
                ProofCommand.value(options, ROUNDS),
                ProofCommand.value(options, SECONDS));
        int warmUp = ProofCommand.value(options, WARM_UP);
        CrowflyPeer plain = new CrowflyPeer(PLAIN, Map.of(), crowfly.line(), warmUp);
        CrowflyPeer renaming = new CrowflyPeer(RENAMING, Map.of(MODEL, DEPLOYMENT), crowfly.line(), warmUp);

        Map<String, String> facts = Machine.facts();
        facts.put("crowfly", plain.version(programs));
        facts.put("load generator", programs.firstLine("wrk", "-v"));
        PeersRun run = new PeersRun(programs, List.of(plain, renaming), extent.rounds(), extent.seconds(), progress);
        List<RenamingComparison> comparisons = new ArrayList<>();
        Map<PeerScenario, String> plainModels = ReceivedModelFinder.receivedFrom(plain, SCENARIOS, programs);
        Map<PeerScenario, String> renamedModels = ReceivedModelFinder.receivedFrom(renaming, SCENARIOS, programs);
        for (PeerScenario scenario : SCENARIOS) {
            List<ProxySample> plainRounds = new ArrayList<>();
            List<ProxySample> renamedRounds = new ArrayList<>();
            for (int pair = 0; pair < extent.pairs(); pair++) {
                Map<String, List<ProxySample>> rounds = run.run(scenario);
                plainRounds.addAll(rounds.getOrDefault(PLAIN, List.of()));
                renamedRounds.addAll(rounds.getOrDefault(RENAMING, List.of()));
            }
            comparisons.add(new RenamingComparison(
                    scenario,
                    plainModels.getOrDefault(scenario, ""),
                    renamedModels.getOrDefault(scenario, ""),
                    plainRounds,
                    renamedRounds));
        }
        return ModelRenamingReport.of(comparisons, extent, facts);
    }
}

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

/** The command {@code bench rewriting}. */
public final class RewritingBench {

    private static final OptionSpec ROUNDS = ProofCommand.number("--rounds", 5, "rounds of each process");
    private static final OptionSpec SECONDS = ProofCommand.number("--seconds", 8, "length of a round");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up", 15, "seconds of load before each process's first round");

    /** Two JVMs with the same work may differ by a few percent for their whole lifetime. */
    private static final OptionSpec PAIRS = ProofCommand.number(
            "--pairs", 2, "number of pairs of new processes, because JIT compilation differs between processes");

    /** The client's name for the model in {@link PeerScenario#body}. */
    static final String MODEL = "gpt-4o";

    /**
     * The backend's name, with a typical length of deployment names. It is longer than the client's, so that the body's
     * length must be corrected as well.
     */
    static final String DEPLOYMENT = "gpt-4o-westeurope-reserved";

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
        Crowfly plain = new Crowfly(PLAIN, Map.of(), crowfly.line(), warmUp);
        Crowfly renaming = new Crowfly(RENAMING, Map.of(MODEL, DEPLOYMENT), crowfly.line(), warmUp);

        Map<String, String> facts = Machine.facts();
        facts.put("crowfly", plain.version(programs));
        facts.put("load generator", programs.firstLine("wrk", "-v"));
        SideBySide run =
                new SideBySide(programs, List.of(plain, renaming), extent.rounds(), extent.seconds(), progress);
        List<Comparison> comparisons = new ArrayList<>();
        for (Scenario scenario : List.of(Scenario.POST_MODEL_LAST, Scenario.POST)) {
            List<Sample> plainRounds = new ArrayList<>();
            List<Sample> renamedRounds = new ArrayList<>();
            String plainModel = ReceivedModel.receivedFrom(plain, scenario, programs);
            String renamedModel = ReceivedModel.receivedFrom(renaming, scenario, programs);
            for (int pair = 0; pair < extent.pairs(); pair++) {
                Map<String, List<Sample>> rounds = run.run(scenario);
                plainRounds.addAll(rounds.getOrDefault(PLAIN, List.of()));
                renamedRounds.addAll(rounds.getOrDefault(RENAMING, List.of()));
            }
            comparisons.add(new Comparison(scenario, plainModel, renamedModel, plainRounds, renamedRounds));
        }
        return RewritingReport.of(comparisons, extent, facts);
    }
}

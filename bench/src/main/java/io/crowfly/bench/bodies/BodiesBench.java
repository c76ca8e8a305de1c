package io.crowfly.bench.bodies;

import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Command {@code crowfly bench bodies}: measures the balancer's memory while many clients send large bodies with the
 * model at the end.
 */
public final class BodiesBench {

    private static final OptionSpec CLIENTS =
            ProofCommand.number("--clients", 50, "number of clients that send a body at once");
    private static final OptionSpec MIB = ProofCommand.number("--mib", 30, "size of a body, in MiB");

    /**
     * Default: a third of the total size of all bodies, so that some clients must wait until bodies of others are
     * forwarded.
     */
    private static final OptionSpec HELD =
            ProofCommand.number("--held-total-mib", 512, "limit of the bodies that the balancer holds, in MiB");

    private BodiesBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "bodies",
                "Sends large bodies at once, with the model at the end, and checks the memory limit.",
                List.of("taskset"),
                List.of(CLIENTS, MIB, HELD),
                BodiesBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int mib = ProofCommand.value(options, MIB);
        MemoryBudget budget = MemoryBudget.forBody(mib, ProofCommand.value(options, HELD));
        Map<String, String> facts = Machine.facts();
        facts.put("options", "`" + budget.javaOptions() + "`");
        BodiesRun.Result result = new BodiesRun(programs, crowfly, progress)
                .run(ProofCommand.value(options, CLIENTS), mib * MemoryBudget.MIB, budget);
        return BodiesReport.of(result, facts);
    }
}

package io.crowfly.bench.memory;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
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
 * Command {@code crowfly bench memory}: measures whether a balancer with little memory passes large bodies, and whether
 * it leaks.
 */
public final class MemoryBench {

    private static final OptionSpec MIB = ProofCommand.number("--mib", 2048, "size of the large bodies, in MiB");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up-mib", 256, "size of a body in the warm-up, in MiB");
    private static final OptionSpec SLOW =
            ProofCommand.number("--slow-seconds", 25, "how long the slow transfers last");
    private static final OptionSpec DISCONNECTING =
            ProofCommand.number("--leavers", 200, "clients that disconnect in the middle of a stream");

    /** Default: three waves, so that a leak in each wave shows as growth from wave to wave. */
    private static final OptionSpec WAVES =
            ProofCommand.number("--waves", 3, "how often that many clients connect and disconnect");

    private MemoryBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "memory",
                "Checks memory limits with large bodies, slow readers and clients that disconnect.",
                List.of(),
                List.of(MIB, WARM_UP, SLOW, DISCONNECTING, WAVES),
                MemoryBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int mib = ProofCommand.value(options, MIB);
        int warmUpMib = ProofCommand.value(options, WARM_UP);
        int slowSeconds = ProofCommand.value(options, SLOW);
        int clientsPerWave = ProofCommand.value(options, DISCONNECTING);
        Map<String, String> facts = Machine.facts();
        facts.put("options", "`" + MemoryLimits.JAVA_OPTIONS + "`");
        try (RunFolder folder = RunFolder.create("memory");
                Children children = new Children(programs)) {
            MemoryRun.Result result = MemoryRun.start(children, folder.path(), crowfly, progress)
                    .run(
                            mib * MemoryLimits.MIB,
                            warmUpMib * MemoryLimits.MIB,
                            slowSeconds,
                            clientsPerWave,
                            ProofCommand.value(options, WAVES));
            return MemoryReport.of(result, facts);
        }
    }
}

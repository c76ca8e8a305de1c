package io.crowfly.bench.reload;

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
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code bench reload}. */
public final class ReloadBench {

    private static final OptionSpec RELOADS =
            ProofCommand.number("--reloads", 100, "how often the conf file is edited, well and badly in turn");
    private static final OptionSpec KILLS = ProofCommand.number("--kills", 3, "how often a backend is killed");
    private static final OptionSpec SECONDS = ProofCommand.number(
            "--seconds-per-phase", 5, "of load before each kill, and until the backend is started again");

    private ReloadBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "reload",
                "Reloads, and the death of a backend, under steady load: no request may fail that needn't.",
                List.of("nginx", "wrk"),
                List.of(RELOADS, KILLS, SECONDS),
                ReloadBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int reloads = ProofCommand.value(options, RELOADS);
        int kills = ProofCommand.value(options, KILLS);
        int seconds = ProofCommand.value(options, SECONDS);
        Map<String, String> facts = Machine.facts();
        facts.put("load generator", programs.firstLine("wrk", "-v"));
        List<Claim> claims = new ArrayList<>();
        StringBuilder figures = new StringBuilder();
        try (RunFolder folder = RunFolder.create("reload");
                Children children = new Children(programs)) {
            TestBed testBed = TestBed.start(folder.path(), children, crowfly, programs);
            Reloads first = new Reloads(testBed, progress);
            first.run(reloads);
            claims.addAll(first.claims());
            BackendKills then = new BackendKills(testBed, progress);
            then.run(kills, seconds);
            claims.addAll(then.claims());
            figures.append(first.figures()).append('\n').append(then.figures());
        }
        return new Proof("Reloads and a dying backend under load", METHOD, facts, claims, figures.toString());
    }

    private static final String METHOD = """
            wrk keeps %d connections busy with chat completions; beside it, %d clients read bodies that take two seconds, and one
            calls on a fresh connection each time. The preferred backend is nginx; the spare one, a simulated endpoint, answers
            probes later. The conf file is edited, well and badly in turn, by writing it in place and by renaming over it in turn,
            and each edit waits for the balancer's word on the one before. Then the preferred backend is killed by SIGKILL and
            started again. An answer is broken off in part when its status had come and its end did not.
            """.formatted(SteadyLoad.CONNECTIONS, TestBed.SLOW_CLIENTS);
}

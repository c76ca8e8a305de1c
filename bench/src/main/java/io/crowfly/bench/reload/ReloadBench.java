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

/**
 * Command {@code crowfly bench reload}: checks that reloads lose no request, and that a killed backend loses only
 * responses that had begun.
 */
public final class ReloadBench {

    private static final OptionSpec RELOADS =
            ProofCommand.number("--reloads", 100, "number of edits of the conf file, valid and invalid in turn");
    private static final OptionSpec KILLS = ProofCommand.number("--kills", 3, "how often a backend is killed");
    private static final OptionSpec SECONDS = ProofCommand.number(
            "--seconds-per-phase", 5, "seconds of load before each kill, and until the backend is restarted");

    private ReloadBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "reload",
                "Checks that reloads and a killed backend cost no avoidable failures under load.",
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
            ReloadTestBed testBed = ReloadTestBed.start(folder.path(), children, crowfly, programs);
            Reloads first = new Reloads(testBed, progress);
            first.run(reloads);
            claims.addAll(first.claims());
            BackendKills then = new BackendKills(testBed, progress);
            then.run(kills, seconds);
            claims.addAll(then.claims());
            figures.append(first.figures()).append('\n').append(then.figures());
        }
        return new Proof("Reloads and a killed backend under load", METHOD, facts, claims, figures.toString());
    }

    private static final String METHOD = """
            wrk keeps %d connections busy with chat completions. Meanwhile %d clients read bodies that take two seconds,
            and one client calls on a new connection each time. The preferred backend is nginx; the spare one, a
            simulated endpoint, responds to probes later. The conf file is edited, valid and invalid in turn, by writing
            it in place and by renaming over it in turn. Each edit waits for the result of the previous reload. Then the
            preferred backend is killed by SIGKILL and restarted. A response is truncated if its status was received and
            its end was not.
            """.formatted(SteadyLoad.CONNECTIONS, ReloadTestBed.SLOW_CLIENTS);
}

package io.crowfly.bench.connections;

import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.OpenFileLimit;
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

/** Command {@code crowfly bench connections}: measures memory per connection, and the time to start. */
public final class ConnectionsBench {

    private static final OptionSpec IDLE = ProofCommand.number("--idle", 10_000, "number of idle connections");
    private static final OptionSpec SECONDS =
            ProofCommand.number("--seconds", 20, "how long the busy connections are loaded");
    private static final OptionSpec STARTS = ProofCommand.number("--starts", 5, "how often the balancer is started");

    private static final int BUSY = 1000;
    private static final int VERY_BUSY = 4000;

    private static final double MAX_IDLE_KIB = 4;
    private static final double MAX_IDLE_TLS_KIB = 24;
    private static final double MAX_BUSY_MIB = 160;
    private static final double MAX_START_SECONDS = 0.5;
    private static final double MAX_START_TLS_SECONDS = 0.8;

    private static final double KIB = 1024;
    private static final double MIB = 1024 * KIB;

    private ConnectionsBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "connections",
                "Measures the memory of idle and of busy connections, and the time to start.",
                List.of("taskset", "wrk", "nginx"),
                List.of(IDLE, SECONDS, STARTS),
                ConnectionsBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int idle = ProofCommand.value(options, IDLE);
        int seconds = ProofCommand.value(options, SECONDS);
        int starts = ProofCommand.value(options, STARTS);
        OpenFileLimit.check(Math.max(idle, VERY_BUSY));
        ConnectionsRun run = new ConnectionsRun(programs, crowfly, progress);
        double start = run.medianStartSeconds(false, starts);
        double secureStart = run.medianStartSeconds(true, starts);
        ConnectionsRun.Idle plain = run.idle(false, idle);
        ConnectionsRun.Idle secure = run.idle(true, idle);
        ConnectionsRun.Busy busy = run.busy(BUSY, seconds);
        ConnectionsRun.Busy veryBusy = run.busy(VERY_BUSY, seconds);
        List<Claim> claims = List.of(
                Claim.within("ready after the start", MAX_START_SECONDS, start, " s"),
                Claim.within("ready after the start, with TLS", MAX_START_TLS_SECONDS, secureStart, " s"),
                Claim.within("memory of an idle plain connection", MAX_IDLE_KIB, plain.bytes() / KIB, " KiB"),
                Claim.within("memory of an idle TLS connection", MAX_IDLE_TLS_KIB, secure.bytes() / KIB, " KiB"),
                Claim.within(
                        "resident memory at %,d busy connections".formatted(BUSY),
                        MAX_BUSY_MIB,
                        busy.residentBytes() / MIB,
                        " MiB"),
                Claim.zero("idle connections that were closed", plain.closed() + secure.closed()),
                Claim.zero("errors of busy connections", busy.errors() + veryBusy.errors()));
        Map<String, String> facts = Machine.facts();
        facts.put("crowfly", "JVM " + System.getProperty("java.vm.version"));
        String figures = """
                | | MiB resident | requests per second |
                |---|--:|--:|
                """ + row("without connections, after 5 s of load", plain.before(), 0)
                + row("%,d idle plain connections".formatted(idle), plain.after(), 0)
                + row("%,d idle TLS connections".formatted(idle), secure.after(), 0)
                + row("%,d busy connections".formatted(BUSY), busy.residentBytes(), busy.perSecond())
                + row("%,d busy connections".formatted(VERY_BUSY), veryBusy.residentBytes(), veryBusy.perSecond());
        return new Proof("Memory of connections", method(), facts, claims, figures);
    }

    private static String method() {
        return """
                The balancer runs with the settings of the launcher, without further options. Idle connections: after
                5 s of load and a full collection, each client sends one request, reads the response and keeps its
                connection. The memory per connection is the growth of the resident memory, after another full collection,
                divided by their number. It has the memory of the balancer only, not that of the kernel. Busy connections: wrk
                sends the next request on each connection after the response; the resident memory is that at the end.
                Start: time from the start of the process until `/readyz` responds 200, with one backend and a probe interval of
                50 ms; median.
                """;
    }

    private static String row(String what, double bytes, double perSecond) {
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %s |%n",
                what,
                bytes / MIB,
                perSecond == 0 ? "" : String.format(Locale.ROOT, "%,.0f", perSecond));
    }
}

package io.crowfly.bench.attack;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Cores;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.OpenFileLimit;
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

/** The command {@code bench attack}. */
public final class AttackBench {

    private static final OptionSpec SECONDS = ProofCommand.number("--seconds", 300, "how long the attack lasts");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up", 20, "seconds at full speed, so that the JVM compiles its code");
    private static final OptionSpec FIRST =
            ProofCommand.number("--first-attack", 30, "how long another attack lasts, before the measurement");
    private static final OptionSpec GOOD = ProofCommand.number("--good", 64, "connections of good clients");
    private static final OptionSpec DRIPPING =
            ProofCommand.number("--dripping", 60, "connections that send heads and chunk lines byte by byte");
    private static final OptionSpec DRIP_MILLIS =
            ProofCommand.number("--drip-millis", 1, "milliseconds between two bytes of such a connection");
    private static final OptionSpec TRICKLING =
            ProofCommand.number("--trickling", 4000, "connections that send a byte of a head every ten seconds");
    private static final OptionSpec HOLDING =
            ProofCommand.number("--holding", 200, "connections that send half of a body");
    private static final OptionSpec BODY_MIB = ProofCommand.number("--body-mib", 4, "size of such a body, in MiB");
    private static final OptionSpec CLOSING =
            ProofCommand.number("--closing", 20, "connections that are closed at a random moment");
    private static final OptionSpec OPENS = ProofCommand.number(
            "--opens-per-second", 1000, "limit of the connections that the attackers of a kind open in a second");
    private static final OptionSpec JAVA_OPTIONS = text("--java-options", "-Xmx256m", "JVM options of the balancer");
    private static final OptionSpec LIMITS =
            text("--limits", "{}", "`limits` of the balancer's conf, as a YAML flow mapping");

    private AttackBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "attack",
                "Checks that good clients hardly notice thousands of hostile ones.",
                List.of("taskset", "renice", "nginx"),
                List.of(
                        SECONDS,
                        WARM_UP,
                        FIRST,
                        GOOD,
                        DRIPPING,
                        DRIP_MILLIS,
                        TRICKLING,
                        HOLDING,
                        BODY_MIB,
                        CLOSING,
                        OPENS,
                        JAVA_OPTIONS,
                        LIMITS),
                AttackBench::run);
    }

    private static OptionSpec text(String name, String value, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel("TEXT")
                .defaultValue(value)
                .description(description + " (default: ${DEFAULT-VALUE})")
                .build();
    }

    private static String textValue(ParseResult options, OptionSpec text) {
        return options.matchedOptionValue(text.longestName(), text.defaultValue());
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        AttackPlan plan = new AttackPlan(
                ProofCommand.value(options, SECONDS),
                ProofCommand.value(options, WARM_UP),
                ProofCommand.value(options, FIRST),
                ProofCommand.value(options, GOOD),
                ProofCommand.value(options, DRIPPING),
                ProofCommand.value(options, DRIP_MILLIS),
                ProofCommand.value(options, TRICKLING),
                ProofCommand.value(options, HOLDING),
                ProofCommand.value(options, BODY_MIB),
                ProofCommand.value(options, CLOSING),
                ProofCommand.value(options, OPENS),
                textValue(options, JAVA_OPTIONS),
                textValue(options, LIMITS));
        OpenFileLimit.check(plan.connections());
        if (Runtime.getRuntime().availableProcessors() <= Cores.PROXY_CORE) {
            throw new IOException("two cores are needed, one for the balancer and one for its clients and backends");
        }
        Map<String, String> facts = Machine.facts();
        facts.put("options", "`" + plan.javaOptions() + "`");
        facts.put("`limits` of the conf", "`" + plan.limits() + "`");
        try (RunFolder folder = RunFolder.create("attack");
                Children children = new Children(programs)) {
            TestBed testBed = TestBed.start(plan, programs, children, folder.path(), crowfly);
            return AttackReport.of(plan, new AttackRun(plan, testBed, progress).run(), facts);
        }
    }
}

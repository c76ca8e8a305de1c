package io.crowfly.bench;

import io.crowfly.bench.attack.AttackBench;
import io.crowfly.bench.backends.BackendsBench;
import io.crowfly.bench.bodies.BodiesBench;
import io.crowfly.bench.choose.ChooseBench;
import io.crowfly.bench.connections.ConnectionsBench;
import io.crowfly.bench.decision.DecisionBench;
import io.crowfly.bench.demo.DemoCommand;
import io.crowfly.bench.memory.MemoryBench;
import io.crowfly.bench.peers.PeersBench;
import io.crowfly.bench.policies.PoliciesBench;
import io.crowfly.bench.reload.ReloadBench;
import io.crowfly.bench.replace.ReplaceBench;
import io.crowfly.bench.rewriting.RewritingBench;
import io.crowfly.bench.soak.SoakBench;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Command line of the bench module: all commands of the balancer, and {@code demo}, {@code bench} and {@code simulate}.
 * The launcher starts this class.
 *
 * <p>Exit codes: 0; 1 for a bad conf, or for a demo or a benchmark that failed; 2 for bad usage.
 */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandSpec bench = CommandSpec.create().name("bench");
        bench.usageMessage().description("Runs a benchmark and writes its table to bench/results/.");
        bench.mixinStandardHelpOptions(true);
        bench.addSubcommand("attack", AttackBench.spec());
        bench.addSubcommand("backends", BackendsBench.spec());
        bench.addSubcommand("bodies", BodiesBench.spec());
        bench.addSubcommand("choose", ChooseBench.spec());
        bench.addSubcommand("connections", ConnectionsBench.spec());
        bench.addSubcommand("decision", DecisionBench.spec());
        bench.addSubcommand("memory", MemoryBench.spec());
        bench.addSubcommand("peers", PeersBench.command());
        bench.addSubcommand("policies", PoliciesBench.spec());
        bench.addSubcommand("reload", ReloadBench.spec());
        bench.addSubcommand("replace", ReplaceBench.spec());
        bench.addSubcommand("rewriting", RewritingBench.spec());
        bench.addSubcommand("soak", SoakBench.spec());

        CommandLine commandLine = io.crowfly.balancer.Main.commandLine();
        commandLine.addSubcommand("demo", DemoCommand.spec());
        commandLine.addSubcommand("bench", bench);
        commandLine.addSubcommand("simulate", SimulateCommand.spec());

        // Some benchmarks are picocli callables instead of command actions, because they also start without this class.
        IExecutionStrategy actions = commandLine.getExecutionStrategy();
        IExecutionStrategy callables = new RunLast();
        commandLine.setExecutionStrategy(parsed -> last(parsed).commandSpec().userObject() instanceof Callable
                ? callables.execute(parsed)
                : actions.execute(parsed));
        return commandLine;
    }

    private static ParseResult last(ParseResult parsed) {
        return parsed.hasSubcommand() ? last(parsed.subcommand()) : parsed;
    }
}

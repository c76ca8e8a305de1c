package io.crowfly.bench;

import ch.qos.logback.classic.Level;
import io.crowfly.bench.demo.DemoCommand;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * The commands that need more than a balancer. The launcher comes here with {@code demo} and {@code bench}; {@code simulate}
 * is for work by hand.
 *
 * <p>Exit codes: 0; 1 for a demo or a benchmark that didn't show what it is for; 2 for bad usage.
 */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        // The tables are for reading; what the balancer logs in between is not.
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        CommandSpec root = CommandSpec.create().name("crowfly");
        root.usageMessage().description("What tells the truth about the balancer.");
        root.addOption(Command.helpOption());
        root.addSubcommand("demo", DemoCommand.spec());
        root.addSubcommand("bench", BenchCommand.spec());
        root.addSubcommand("simulate", SimulateCommand.spec());
        CommandLine line = new CommandLine(root);
        line.setExecutionStrategy(Main::execute);
        return line.execute(args);
    }

    private static int execute(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        Object command = last.commandSpec().userObject();
        if (command instanceof Command runnable) {
            return runnable.run(last);
        }
        last.commandSpec().commandLine().usage(System.err, Help.Ansi.AUTO);
        return CommandLine.ExitCode.USAGE;
    }
}

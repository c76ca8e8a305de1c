package io.crowfly.bench;

import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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
        CommandSpec root = CommandSpec.create().name("crowfly");
        root.usageMessage().description("What tells the truth about the balancer.");
        root.addOption(helpOption());
        root.addSubcommand("simulate", SimulateCommand.spec());
        CommandLine line = new CommandLine(root);
        line.setExecutionStrategy(Main::execute);
        return line.execute(args);
    }

    /** An option that shows a command's usage; every command has one. */
    static OptionSpec helpOption() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this.")
                .build();
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

    /** What a subcommand does with its options; answers with the exit code. */
    interface Command {
        int run(ParseResult options);
    }
}

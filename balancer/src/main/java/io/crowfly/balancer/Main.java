package io.crowfly.balancer;

import io.crowfly.balancer.logging.LogConfigurator;
import io.crowfly.conf.file.LastGoodConf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Entry point of the {@code crowfly} command line, with the commands of the balancer. */
public final class Main {

    static final int OK = 0;
    static final int FAILED = 1;

    private static final String LAST_GOOD = "--last-good";
    private static final String TAKE_OVER = "--take-over";

    /**
     * Base of the exit code of a process ended by a signal, as in a shell: this number plus the number of the signal.
     */
    private static final int KILLED_BY_SIGNAL = 128;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** Returns the command line with its commands. The caller may add further commands. */
    public static CommandLine commandLine() {
        CommandSpec root = CommandSpec.create().name("crowfly");
        root.usageMessage().description("A latency-aware edge load balancer for LLM inference endpoints.");
        root.mixinStandardHelpOptions(true);
        root.version("crowfly " + Version.CURRENT);
        root.addSubcommand("run", runSpec());
        root.addSubcommand("check", CheckCommand.spec());
        root.addSubcommand("explain", ExplainCommand.spec());
        root.addSubcommand("top", TopCommand.spec());
        root.addSubcommand("why", WhyCommand.spec());
        root.addSubcommand("completion", CompletionCommand.spec());
        CommandLine line = new CommandLine(root);
        line.addSubcommand("help", new CommandLine.HelpCommand());
        line.setExecutionStrategy(Main::dispatch);
        line.setExecutionExceptionHandler(Main::printError);
        return line;
    }

    private static CommandSpec runSpec() {
        return fileCommand("Runs the balancer in the foreground on a conf file.", Main::run)
                .addOption(OptionSpec.builder(LAST_GOOD)
                        .description("If FILE has problems, starts from the last conf that took effect.")
                        .build())
                .addOption(OptionSpec.builder(TAKE_OVER)
                        .paramLabel("ADMIN")
                        .type(String.class)
                        .description("Replaces the instance with this admin address: continues with what it has "
                                + "learned, and drains it once this process is ready.")
                        .build())
                .addOption(AdminClient.tokenFile());
    }

    static CommandSpec fileCommand(String description, CommandAction action) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(action);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage().description(description);
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .paramLabel("FILE")
                .type(Path.class)
                .description("The conf file, YAML.")
                .build());
        return spec;
    }

    private static int dispatch(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        ParseResult result = parsed;
        while (result.hasSubcommand()) {
            result = result.subcommand();
        }
        CommandLine line = result.commandSpec().commandLine();
        if (!(result.commandSpec().userObject() instanceof CommandAction action)) {
            line.usage(line.getErr());
            return line.getCommandSpec().exitCodeOnInvalidInput();
        }
        try {
            return action.execute(result);
        } catch (CommandLine.ParameterException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandLine.ExecutionException(line, String.valueOf(e.getMessage()), e);
        }
    }

    private static int printError(Exception e, CommandLine line, ParseResult parsed) {
        line.getErr().println("crowfly: " + (e.getMessage() == null ? e : e.getMessage()));
        if (LogConfigurator.debugEnabled()) {
            e.printStackTrace(line.getErr());
        }
        return FAILED;
    }

    static Path file(ParseResult result) {
        return result.matchedPositionalValue(0, Path.of(""));
    }

    private static int run(ParseResult parsed) throws IOException, InterruptedException {
        Path file = file(parsed);
        String address = parsed.matchedOptionValue(TAKE_OVER, "");
        Optional<Predecessor> predecessor =
                address.isEmpty() ? Optional.empty() : Predecessor.connect(AdminClient.of(parsed, address));
        Balancer balancer;
        try {
            balancer = Balancer.start(
                    file,
                    System.getenv(),
                    Optional.of(LastGoodConf.of(file, System.getenv())),
                    parsed.hasMatchedOption(LAST_GOOD),
                    predecessor,
                    Runtime.getRuntime()::halt);
        } catch (InvalidConfException e) {
            System.err.println(e.getMessage());
            return FAILED;
        }
        Signals.on("HUP", balancer::reload);
        drainOnSignal("TERM", 15, balancer);
        drainOnSignal("INT", 2, balancer);
        balancer.awaitDrained();
        balancer.close();
        return OK;
    }

    /**
     * Registers a handler that drains the balancer on the first signal, and ends the process immediately on the second.
     */
    private static void drainOnSignal(String signal, int number, Balancer balancer) {
        AtomicBoolean alreadySignalled = new AtomicBoolean();
        Signals.on(signal, () -> {
            if (alreadySignalled.getAndSet(true)) {
                Runtime.getRuntime().halt(KILLED_BY_SIGNAL + number);
            }
            balancer.drain();
        });
    }
}

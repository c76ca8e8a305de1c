package io.crowfly.balancer;

import io.crowfly.balancer.logging.LogConfigurator;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command line of the balancer: {@code run}, {@code check} and {@code top}. */
public final class Main {

    private static final int OK = 0;
    private static final int FAILED = 1;

    /** A shell's exit code for a process that a signal has ended, the signal's number to be added. */
    private static final int KILLED_BY_SIGNAL = 128;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The commands; whoever has more adds them as subcommands. */
    public static CommandLine commandLine() {
        CommandSpec root = CommandSpec.create().name("crowfly");
        root.usageMessage().description("A latency-aware edge load balancer for LLM inference endpoints.");
        root.mixinStandardHelpOptions(true);
        root.version("crowfly " + Version.CURRENT);
        root.addSubcommand("run", onFile("Runs the balancer in the foreground on a conf file.", Main::run));
        root.addSubcommand("check", onFile("Checks a conf file and names every problem.", Main::check));
        root.addSubcommand("top", TopCommand.spec());
        CommandLine line = new CommandLine(root);
        line.addSubcommand("help", new CommandLine.HelpCommand());
        line.setExecutionStrategy(Main::dispatch);
        line.setExecutionExceptionHandler(Main::tell);
        return line;
    }

    private interface FileCommand {
        int execute(Path file) throws Exception;
    }

    private static CommandSpec onFile(String description, FileCommand command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(
                (Action) result -> command.execute(result.matchedPositionalValue(0, Path.of(""))));
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

    /** What a command does; a command spec's user object. */
    public interface Action {
        int execute(ParseResult result) throws Exception;
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
        if (!(result.commandSpec().userObject() instanceof Action action)) {
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

    private static int tell(Exception e, CommandLine line, ParseResult parsed) {
        line.getErr().println("crowfly: " + (e.getMessage() == null ? e : e.getMessage()));
        if (LogConfigurator.debugging()) {
            e.printStackTrace(line.getErr());
        }
        return FAILED;
    }

    private static int check(Path file) {
        ConfResult result = new ConfReader(System.getenv()).read(file);
        if (result instanceof ConfResult.Invalid invalid) {
            invalid.problems().forEach(System.out::println);
            return FAILED;
        }
        System.out.println(file + ": fine");
        return OK;
    }

    private static int run(Path file) throws InterruptedException {
        Balancer balancer;
        try {
            balancer = Balancer.start(file);
        } catch (InvalidConfException e) {
            System.err.println(e.getMessage());
            return FAILED;
        }
        Signals.on("HUP", balancer::reload);
        drainOn("TERM", 15, balancer);
        drainOn("INT", 2, balancer);
        balancer.awaitDrained();
        balancer.close();
        return OK;
    }

    /** The second time somebody is in a hurry. */
    private static void drainOn(String signal, int number, Balancer balancer) {
        AtomicBoolean told = new AtomicBoolean();
        Signals.on(signal, () -> {
            if (told.getAndSet(true)) {
                Runtime.getRuntime().halt(KILLED_BY_SIGNAL + number);
            }
            balancer.drain();
        });
    }
}

package io.crowfly.balancer;

import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command line of the balancer: {@code run} and {@code check}. */
public final class Main {

    private static final int OK = 0;
    private static final int BAD_CONF = 1;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The commands; whoever has more adds them as subcommands. */
    public static CommandLine commandLine() {
        CommandSpec root = CommandSpec.create().name("crowfly");
        root.usageMessage().description("A latency-aware edge load balancer for LLM inference endpoints.");
        root.mixinStandardHelpOptions(true);
        root.addSubcommand("run", onFile("Runs the balancer in the foreground on a conf file.", Main::run));
        root.addSubcommand("check", onFile("Checks a conf file and names every problem.", Main::check));
        CommandLine line = new CommandLine(root);
        line.setExecutionStrategy(Main::dispatch);
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
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandLine.ExecutionException(line, e.getMessage(), e);
        }
    }

    private static int check(Path file) {
        ConfResult result = new ConfReader(System.getenv()).read(file);
        if (result instanceof ConfResult.Invalid invalid) {
            invalid.problems().forEach(System.out::println);
            return BAD_CONF;
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
            return BAD_CONF;
        }
        Signals.onHangUp(balancer::reload);
        Runtime.getRuntime().addShutdownHook(new Thread(balancer::close));
        new CountDownLatch(1).await();
        return OK;
    }
}

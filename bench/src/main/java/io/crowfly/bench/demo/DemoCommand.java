package io.crowfly.bench.demo;

import io.crowfly.balancer.CommandAction;
import io.crowfly.balancer.InvalidConfException;
import io.crowfly.bench.process.Logs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Command {@code crowfly demo [--for 30s]}. Exits with 1 if the traffic did not move, or if any request failed. */
public final class DemoCommand implements CommandAction {

    /** System property with the project's folder, set by the launcher. Without it, the working directory is used. */
    private static final String HOME_PROPERTY = "crowfly.home";

    private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|m)");

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private DemoCommand() {}

    public static CommandSpec spec() {
        CommandSpec spec = new DemoCommand().spec.name("demo");
        spec.usageMessage().description("Shows how traffic moves away from a backend that becomes slow.");
        spec.addOption(OptionSpec.builder("--for")
                .paramLabel("TIME")
                .type(Duration.class)
                .converters(DemoCommand::time)
                .description("Ends after this time (20s, 1m) with a table; without it the demo runs until stopped.")
                .build());
        spec.addOption(OptionSpec.builder("--conf")
                .paramLabel("FILE")
                .type(Path.class)
                .description("The conf file, instead of conf/demo.yaml.")
                .build());
        spec.addOption(OptionSpec.builder("--any-port")
                .description("Uses free ports instead of those in the conf file.")
                .build());
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    private static Duration time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a duration; use for example 20s, 500ms or 1m");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            default -> Duration.ofMinutes(count);
        };
    }

    @Override
    public int execute(ParseResult options) {
        Logs.showOnlyWarnings();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path home = Path.of(System.getProperty(HOME_PROPERTY, ""));
        Path file = options.matchedOptionValue("--conf", home.resolve("conf").resolve("demo.yaml"));
        try {
            DemoConf conf = DemoConf.read(file);
            if (options.hasMatchedOption("--any-port")) {
                conf = conf.onFreePorts(Files.createTempDirectory("crowfly-demo"));
            }
            conf.checkPorts();
            try (Demo demo = new Demo(conf, out)) {
                if (!options.hasMatchedOption("--for")) {
                    demo.runOn();
                    return CommandLine.ExitCode.OK;
                }
                return show(demo.runFor(options.matchedOptionValue("--for", Duration.ZERO)), out);
            }
        } catch (DemoException | InvalidConfException | IOException e) {
            err.println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CommandLine.ExitCode.OK;
        }
    }

    private static int show(DemoSummary summary, PrintWriter out) {
        out.println();
        out.print(summary.table());
        out.println();
        boolean good = summary.moved() && summary.failures() == 0;
        if (summary.failures() > 0) {
            out.println(summary.failures() + " requests failed.");
        }
        out.println(
                summary.moved()
                        ? "Traffic moved away from " + summary.slowed() + " when it became slow."
                        : "Traffic did not move away from " + summary.slowed() + " when it became slow.");
        out.flush();
        return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}

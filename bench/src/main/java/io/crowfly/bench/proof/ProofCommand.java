package io.crowfly.bench.proof;

import io.crowfly.balancer.CommandAction;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Command {@code crowfly bench NAME} of a benchmark that checks claims: runs it and writes its page. Exit codes: 0 if
 * all claims hold; 1 if not; 2 for bad usage.
 */
public final class ProofCommand implements CommandAction {

    private static final int FAILED = 1;

    private static final OptionSpec OUT = OptionSpec.builder("--out")
            .type(Path.class)
            .paramLabel("FOLDER")
            .defaultValue("bench/results")
            .description("folder for the page (default: ${DEFAULT-VALUE})")
            .build();
    private static final OptionSpec CROWFLY = OptionSpec.builder("--crowfly")
            .type(String.class)
            .paramLabel("COMMAND")
            .defaultValue(CrowflyCommand.DEFAULT)
            .description("command to start Crowfly; FILE stands for its conf (default: ${DEFAULT-VALUE})")
            .build();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    private final List<String> requiredPrograms;
    private final Run run;

    /** Measurement of one benchmark. Blocks for minutes at most. */
    public interface Run {

        /** @throws IOException if a process does not start or ends, or the run has no result for another reason */
        Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
                throws IOException, InterruptedException;
    }

    private ProofCommand(List<String> requiredPrograms, Run run) {
        this.requiredPrograms = requiredPrograms;
        this.run = run;
    }

    /**
     * Returns the picocli specification of a benchmark's command.
     *
     * @param name name of the command and of its page
     * @param requiredPrograms external programs that must be installed
     * @param options options in addition to {@code --out} and {@code --crowfly}
     */
    public static CommandSpec spec(
            String name, String description, List<String> requiredPrograms, List<OptionSpec> options, Run run) {
        CommandSpec spec = new ProofCommand(requiredPrograms, run).spec.name(name);
        spec.usageMessage().description(description);
        options.forEach(spec::addOption);
        spec.addOption(OptionSpec.builder(OUT).build());
        spec.addOption(OptionSpec.builder(CROWFLY).build());
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    /** Returns an option whose value is a number above 0; see {@link #value}. */
    public static OptionSpec number(String name, int value, String description) {
        return OptionSpec.builder(name)
                .type(int.class)
                .paramLabel("N")
                .defaultValue(Integer.toString(value))
                .description(description + " (default: ${DEFAULT-VALUE})")
                .build();
    }

    /** Returns the value of an option made by {@link #number}. */
    public static int value(ParseResult options, OptionSpec number) {
        int value = options.matchedOptionValue(number.longestName(), Integer.parseInt(number.defaultValue()));
        if (value < 1) {
            throw new ParameterException(
                    options.commandSpec().commandLine(), number.longestName() + " must be at least 1");
        }
        return value;
    }

    @Override
    public int execute(ParseResult options) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Programs programs = Programs.installed();
        List<String> missing = programs.missing(requiredPrograms.stream());
        if (!missing.isEmpty()) {
            missing.forEach(err::println);
            return CommandLine.ExitCode.USAGE;
        }
        String crowfly = options.matchedOptionValue(CROWFLY.longestName(), CROWFLY.defaultValue());
        Path folder = options.matchedOptionValue(OUT.longestName(), Path.of(OUT.defaultValue()));
        try {
            Proof proof = run.run(options, new CrowflyCommand(crowfly), programs, err);
            Files.writeString(Files.createDirectories(folder).resolve(spec.name() + ".md"), proof.markdown());
            out.print(proof.markdown());
            out.flush();
            return proof.holds() ? CommandLine.ExitCode.OK : FAILED;
        } catch (InterruptedException e) {
            err.println("interrupted");
        } catch (IOException e) {
            err.println(e.getMessage());
        }
        err.flush();
        return FAILED;
    }
}

package io.crowfly.bench;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code bench NAME}: the benchmarks by name. */
final class BenchCommand implements Command {

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private BenchCommand() {}

    static CommandSpec spec() {
        BenchCommand command = new BenchCommand();
        CommandSpec spec = command.spec.name("bench");
        spec.usageMessage().description("Runs a benchmark and writes its table to bench/results/.");
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("NAME")
                .index("0")
                .type(String.class)
                .required(true)
                .description("Which one.")
                .build());
        spec.addOption(Command.helpOption());
        return spec;
    }

    @Override
    public int run(ParseResult options) {
        String name = options.matchedPositionalValue(0, "");
        spec.commandLine().getErr().println("There is no benchmark named " + name + " in this build.");
        return CommandLine.ExitCode.USAGE;
    }
}

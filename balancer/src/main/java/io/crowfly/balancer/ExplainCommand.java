package io.crowfly.balancer;

import io.crowfly.conf.explain.ConfSchema;
import io.crowfly.conf.explain.KeyExplanations;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code crowfly explain}, which describes keys of the conf file. */
final class ExplainCommand {

    private static final String SCHEMA = "--schema";

    private ExplainCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection((CommandAction) ExplainCommand::execute);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description(
                        "Explains a key of the conf file: type, default, example and meaning.",
                        "Examples: crowfly explain routing.retry.attempts; crowfly explain tier");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .paramLabel("KEY")
                .type(String.class)
                .completionCandidates(() -> new KeyExplanations().paths().iterator())
                .description("The path of the key, or the end of its path. Without KEY, all keys are listed.")
                .build());
        spec.addOption(OptionSpec.builder(SCHEMA)
                .description("Prints the JSON Schema of the conf file, for editors.")
                .build());
        return spec;
    }

    private static int execute(ParseResult result) {
        if (result.hasMatchedOption(SCHEMA)) {
            System.out.print(ConfSchema.text());
            return 0;
        }
        KeyExplanations explanations = new KeyExplanations();
        if (!result.hasMatchedPositional(0)) {
            System.out.print(explanations.list());
            return 0;
        }
        String key = result.matchedPositionalValue(0, "");
        List<String> found = explanations.of(key);
        if (found.isEmpty()) {
            CommandLine command = result.commandSpec().commandLine();
            command.getErr().println("the conf file has no key `" + key + "`; " + explanations.suggestion(key));
            command.getErr().flush();
            return CommandLine.ExitCode.USAGE;
        }
        System.out.print(String.join("\n", found));
        return 0;
    }
}

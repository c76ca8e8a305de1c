package io.crowfly.balancer;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code crowfly completion}: prints a script with which bash and zsh complete commands and options. */
final class CompletionCommand {

    private CompletionCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection((CommandAction) CompletionCommand::execute);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description(
                        "Prints a script with which bash and zsh complete the commands and options of crowfly.",
                        "In ~/.bashrc or ~/.zshrc: source <(crowfly completion)");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .paramLabel("SHELL")
                .type(String.class)
                .completionCandidates(List.of("bash", "zsh"))
                .description("`bash` or `zsh`; the script is the same.")
                .build());
        return spec;
    }

    private static int execute(ParseResult result) {
        CommandLine root = result.commandSpec().root().commandLine();
        System.out.print(AutoComplete.bash(root.getCommandName(), root));
        return Main.OK;
    }
}

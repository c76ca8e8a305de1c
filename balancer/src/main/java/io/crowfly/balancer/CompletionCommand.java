package io.crowfly.balancer;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
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
        return spec;
    }

    private static int execute(ParseResult result) {
        CommandLine root = result.commandSpec().root().commandLine();
        System.out.print(AutoComplete.bash(root.getCommandName(), root));
        return Main.OK;
    }
}

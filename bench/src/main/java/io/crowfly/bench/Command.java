package io.crowfly.bench;

import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What a subcommand does: the user object of its picocli specification. */
public interface Command {

    /** Runs to its end on the calling thread and answers with the exit code. */
    int run(ParseResult options);

    /** The option that shows a command's usage; every command has one. */
    static OptionSpec helpOption() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this.")
                .build();
    }
}

package io.crowfly.balancer;

import io.crowfly.balancer.admin.ConfJson;
import io.crowfly.conf.Conf;
import io.crowfly.conf.read.ConfResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code crowfly check}: prints the problems of a conf file, or what a reload with the file would change.
 */
final class CheckCommand {

    private static final String DIFF = "--diff";

    private CheckCommand() {}

    static CommandSpec spec() {
        return Main.fileCommand("Checks a conf file and names every problem.", CheckCommand::execute)
                .addOption(OptionSpec.builder(DIFF)
                        .paramLabel("ADMIN")
                        .type(String.class)
                        .description("Prints what a reload with FILE would change at the instance with this admin"
                                + " address, for example " + AdminClient.DEFAULT_ADDRESS + ".")
                        .build())
                .addOption(AdminClient.tokenFile());
    }

    private static int execute(ParseResult parsed) throws IOException, InterruptedException {
        Path file = Main.file(parsed);
        ConfResult result = Balancer.confReader(System.getenv()).read(file);
        if (result instanceof ConfResult.Invalid invalid) {
            invalid.problems().forEach(System.out::println);
            return Main.FAILED;
        }
        ConfResult.Valid valid = (ConfResult.Valid) result;
        valid.warnings().forEach(warning -> System.out.println(warning.toWarning()));
        if (parsed.hasMatchedOption(DIFF)) {
            printDiff(AdminClient.of(parsed, parsed.matchedOptionValue(DIFF, "")), valid.conf());
        } else {
            System.out.println(file + ": valid");
        }
        return Main.OK;
    }

    private static void printDiff(AdminClient client, Conf conf) throws IOException, InterruptedException {
        List<String> changes = ConfDiff.changes(client.get("/conf"), ConfJson.text(conf));
        if (changes.isEmpty()) {
            System.out.println("no change; secrets were not compared");
        } else {
            changes.forEach(System.out::println);
        }
    }
}

package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The command that starts the balancer of this repository.
 *
 * @param line split at spaces; {@code FILE} stands for the conf file
 */
public record CrowflyCommand(String line) {

    /** The command that users run. */
    public static final String DEFAULT = "./crowfly run FILE";

    /** Returns the command with that conf file. */
    public List<String> withConf(Path conf) {
        return Arrays.stream(line.trim().split("\\s+"))
                .map(word -> word.equals("FILE") ? conf.toString() : word)
                .toList();
    }
}

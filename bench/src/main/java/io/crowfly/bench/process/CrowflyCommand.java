package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Command line that starts the balancer in a benchmark.
 *
 * @param line split at spaces; {@code FILE} stands for the conf file
 */
public record CrowflyCommand(String line) {

    /** Default command: the launcher of this repository. */
    public static final String DEFAULT = "./crowfly run FILE";

    /** Returns the words of the command, with this path in place of {@code FILE}. */
    public List<String> withConf(Path conf) {
        return Arrays.stream(line.trim().split("\\s+"))
                .map(word -> word.equals("FILE") ? conf.toString() : word)
                .toList();
    }
}

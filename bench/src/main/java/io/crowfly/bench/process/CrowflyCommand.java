package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How to start the balancer of this repository.
 *
 * @param line split at spaces; {@code FILE} in it stands for the conf file
 */
public record CrowflyCommand(String line) {

    /** As its users start it. */
    public static final String DEFAULT = "./crowfly run FILE";

    /** The command on that conf file. */
    public List<String> withConf(Path conf) {
        return Arrays.stream(line.trim().split("\\s+"))
                .map(word -> word.equals("FILE") ? conf.toString() : word)
                .toList();
    }
}

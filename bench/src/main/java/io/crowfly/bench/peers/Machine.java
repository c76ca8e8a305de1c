package io.crowfly.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a reader must know of the machine to judge figures from it. */
final class Machine {

    private Machine() {}

    /** Processor and number of cores. */
    static String describe() throws IOException {
        // Arm's kernels give no name of the model.
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
        return "%s, %d cores".formatted(model, Runtime.getRuntime().availableProcessors());
    }
}

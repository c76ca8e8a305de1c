package io.crowfly.bench.decision;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runner of the JMH benchmarks of {@code bench decision} in a separate JVM, because only that JVM has JMH on its class
 * path.
 */
final class JmhRun {

    /** System property with the project's folder, set by the launcher. Without it, the working directory is used. */
    private static final String HOME_PROPERTY = "crowfly.home";

    /** Folder of the JMH libraries, relative to the project's folder. The build fills it. */
    private static final Path JMH = Path.of("bench", "target", "lib-jmh");

    private JmhRun() {}

    /**
     * Runs all benchmarks of this package and returns their results.
     *
     * @throws IOException if JMH fails; the message has its output
     */
    static List<BenchmarkResult> run(Children children, Path folder) throws IOException, InterruptedException {
        Path results = folder.resolve("results");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", // like the launcher; JMH passes the option on to its forks
                "-cp",
                classPath(),
                JmhMain.class.getName(),
                results.toString());
        Child jmh = children.start("jmh", command, Map.of(), folder.resolve("jmh.log"));
        int exit = jmh.process().waitFor();
        if (exit != 0 || !Files.exists(results)) {
            throw new IOException("JMH ended with %d:%n%s".formatted(exit, jmh.output()));
        }
        return BenchmarkResult.read(results);
    }

    private static String classPath() throws IOException {
        Path jars = Path.of(System.getProperty(HOME_PROPERTY, "")).resolve(JMH);
        try (Stream<Path> files = Files.list(jars)) {
            return Stream.concat(
                            Stream.of(System.getProperty("java.class.path")),
                            files.sorted().map(Path::toString))
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }
}

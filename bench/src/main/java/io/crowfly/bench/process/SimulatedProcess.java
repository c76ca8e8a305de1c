package io.crowfly.bench.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A simulated endpoint in a JVM of its own: what it uses, and what it suffers, is then not the balancer's nor ours. */
public final class SimulatedProcess {

    private SimulatedProcess() {}

    /** Starts one that speaks as OpenAI does; it listens when this returns. */
    public static Children.Child start(Children children, String name, int port, Path log)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                "io.crowfly.bench.Main",
                "simulate",
                "--openai",
                Integer.toString(port));
        Children.Child child = children.start(name, command, Map.of(), log);
        child.awaitListening(port);
        return child;
    }
}

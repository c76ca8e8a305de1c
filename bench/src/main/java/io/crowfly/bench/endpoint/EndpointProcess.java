package io.crowfly.bench.endpoint;

import io.crowfly.bench.load.HttpCall;
import io.crowfly.bench.process.Children;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Simulated endpoint in a separate JVM, so that its memory and CPU time are not counted for the balancer or for the
 * benchmark.
 */
public final class EndpointProcess {

    private static final Pattern IN_FLIGHT = Pattern.compile("\"inFlight\":(\\d+)");

    private EndpointProcess() {}

    /** Starts a JVM with an OpenAI-compatible endpoint and waits until it listens. */
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

    /**
     * Sets the behaviour of the endpoint on this port.
     *
     * @param json the body of {@code POST /_script}
     */
    public static void setBehaviour(int port, String json) throws IOException {
        try (HttpCall call = HttpCall.connect(port)) {
            byte[] body = json.getBytes(StandardCharsets.US_ASCII);
            try (OutputStream out = call.post("/_script", "application/json", OptionalLong.of(body.length))) {
                out.write(body);
            }
            if (call.status() != 200) {
                throw new IOException("the simulated endpoint refused the behaviour with status " + call.status());
            }
        }
    }

    /** Returns the number of requests in flight at the endpoint on this port. */
    public static long inFlight(int port) throws IOException {
        try (HttpCall call = HttpCall.connect(port)) {
            call.get("/_seen");
            call.status();
            Matcher matcher = IN_FLIGHT.matcher(call.text());
            if (!matcher.find()) {
                throw new IOException("the statistics of the simulated endpoint have no inFlight");
            }
            return Long.parseLong(matcher.group(1));
        }
    }
}

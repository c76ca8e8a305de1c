package io.crowfly.bench.choose;

import io.crowfly.bench.choose.ScriptedBackend.Script;
import io.crowfly.bench.choose.ScriptedBackend.Step;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Part of {@code bench choose}: clients that wait 20 s for a head, a model whose first token takes 40 s, and backends
 * that fail after 25 s. All clients run at the same time. A test scales the times down.
 */
final class WaitingMeasurement {

    private static final long HEAD_TIMEOUT_MILLIS = 20_000;
    private static final long STREAM_TIMEOUT_MILLIS = 60_000;
    private static final long FIRST_TOKEN_MILLIS = 40_000;
    private static final long FAILURE_MILLIS = 25_000;
    private static final long REPAIR_MILLIS = 1000;
    private static final double MAX_HEAD_SECONDS = 15.5;

    /** The defaults of {@code timeouts.commit} and {@code timeouts.keepalive}. */
    private static final long COMMIT_MILLIS = 15_000;

    private static final String ROLE =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    private static final String REST = tokens(200)
            + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    private static final String STREAM = ROLE + REST;
    private static final String ERROR = "data: {\"error\":{\"type\":\"server_error\"}}\n\n";

    private final double scale;

    private WaitingMeasurement(double scale) {
        this.scale = scale;
    }

    /** @param scale factor of the backends' times and of Crowfly's timeouts; 1 for the default timeouts */
    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, double scale, PrintWriter progress)
            throws IOException, InterruptedException {
        PartResult result = new WaitingMeasurement(scale).measure(starter, folder);
        progress.println("waiting: done");
        progress.flush();
        return result;
    }

    private PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder)
            throws IOException, InterruptedException {
        Map<String, Script> firstScripts = firstScripts();
        Map<String, Script> secondScripts = secondScripts();
        int port = Ports.free(1).get(0);
        Map<String, WaitingClient.Received> received = new LinkedHashMap<>();
        Path conf = Files.createDirectories(folder).resolve("crowfly.yaml");
        try (ScriptedBackend first = new ScriptedBackend(firstScripts);
                ScriptedBackend second = new ScriptedBackend(secondScripts)) {
            Files.writeString(conf, conf(port, first, names(firstScripts), second, names(secondScripts)));
            AutoCloseable balancer = starter.start(conf, port);
            try {
                receive(port, received);
            } finally {
                close(balancer);
            }
        }
        return result(received);
    }

    /** Returns the scripts of the backend that is tried first, by the name of the model. */
    private Map<String, Script> firstScripts() {
        Step otherRole = new Step(0, ROLE.replace("assistant", "first"));
        return Map.of(
                "late-head",
                new Script(List.of(new Step(scaled(FIRST_TOKEN_MILLIS), STREAM)), true),
                "late-token",
                new Script(List.of(new Step(0, ROLE), new Step(scaled(FIRST_TOKEN_MILLIS), REST)), true),
                "broken",
                new Script(List.of(otherRole, new Step(scaled(FAILURE_MILLIS), "")), false),
                "error-event",
                new Script(List.of(otherRole, new Step(scaled(FAILURE_MILLIS), ERROR)), true));
    }

    private Map<String, Script> secondScripts() {
        Script whole = new Script(List.of(new Step(scaled(REPAIR_MILLIS), STREAM)), true);
        return Map.of("broken", whole, "error-event", whole);
    }

    private long scaled(long millis) {
        return (long) (scale * millis);
    }

    private String conf(
            int port, ScriptedBackend first, String firstModels, ScriptedBackend second, String secondModels) {
        return """
                listeners: [{name: clients, bind: "127.0.0.1:%d"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: first, provider: openai, url: "http://127.0.0.1:%d", models: [%s]}
                  - {name: second, provider: openai, url: "http://127.0.0.1:%d", models: [%s], tier: 2}
                probes: {http: {path: /health}}
                routing: {tier-tolerance: unlimited}
                timeouts: {commit: %dms, keepalive: %dms}
                """.formatted(
                        port,
                        first.port(),
                        firstModels,
                        second.port(),
                        secondModels,
                        scaled(COMMIT_MILLIS),
                        scaled(COMMIT_MILLIS));
    }

    private static String names(Map<String, Script> scripts) {
        return String.join(", ", scripts.keySet());
    }

    private static void receive(int port, Map<String, WaitingClient.Received> received)
            throws IOException, InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Map<String, Future<WaitingClient.Received>> waiting = new LinkedHashMap<>();
            for (String model : List.of("late-head", "late-token", "broken", "error-event")) {
                waiting.put(model, threads.submit(() -> new WaitingClient(port, HEAD_TIMEOUT_MILLIS)
                        .chat(model, STREAM_TIMEOUT_MILLIS)));
            }
            for (Map.Entry<String, Future<WaitingClient.Received>> each : waiting.entrySet()) {
                received.put(each.getKey(), each.getValue().get());
            }
        } catch (ExecutionException e) {
            throw new IOException("a client received no stream", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static void close(AutoCloseable balancer) throws IOException {
        try {
            balancer.close();
        } catch (Exception e) {
            throw new IOException("the balancer can't be stopped", e);
        }
    }

    private static PartResult result(Map<String, WaitingClient.Received> received) {
        List<Claim> claims = new ArrayList<>();
        StringBuilder table = new StringBuilder("""
                Waiting: clients with a header timeout of 20 s. `late-head` and `late-token`: the first token comes after
                40 s, with its head or long after it. `broken` and `error-event`: the first backend fails after 25 s.

                | model | head after | comments | bytes without comments | complete |
                |---|--:|--:|--:|---|
                """);
        received.forEach((model, stream) -> {
            claims.add(
                    Claim.within("waiting, " + model + ": head after", MAX_HEAD_SECONDS, stream.headSeconds(), " s"));
            claims.add(Claim.equal(
                    "waiting, " + model + ": the whole stream of one backend, no byte of another",
                    STREAM.length(),
                    stream.text().equals(STREAM) && stream.complete() ? STREAM.length() : -1));
            claims.add(new Claim(
                    "waiting, " + model + ": comments before the first token",
                    "at least 1",
                    String.valueOf(stream.pings()),
                    stream.pings() > 0));
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f s | %d | %d | %s |%n",
                    model,
                    stream.headSeconds(),
                    stream.pings(),
                    stream.text().length(),
                    stream.complete() ? "yes" : "no"));
        });
        return new PartResult(claims, table.toString());
    }

    private static String tokens(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token ")
                    .append(i)
                    .append("\"}}]}\n\n");
        }
        return text.toString();
    }
}

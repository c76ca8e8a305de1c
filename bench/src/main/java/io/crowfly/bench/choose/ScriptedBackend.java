package io.crowfly.bench.choose;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Backend of {@code bench choose} that sends a fixed token stream, byte for byte, at given times. */
final class ScriptedBackend implements AutoCloseable {

    private static final int STREAMED = 0;
    private static final int NO_BODY = -1;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** @param afterMillis time since the step before; the first step is sent with the head */
    record Step(long afterMillis, String text) {}

    /**
     * Response to the requests for one model.
     *
     * @param complete whether the stream ends regularly after its steps; if not, the connection is closed
     */
    record Script(List<Step> steps, boolean complete) {}

    /** @param scripts by the model that a request contains */
    ScriptedBackend(Map<String, Script> scripts) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(200, NO_BODY);
            exchange.close();
        });
        server.createContext("/v1/chat/completions", exchange -> respond(exchange, scripts));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void respond(HttpExchange exchange, Map<String, Script> scripts) throws IOException {
        String body;
        try (InputStream in = exchange.getRequestBody()) {
            body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Script script = scripts.entrySet().stream()
                .filter(each -> body.contains('"' + each.getKey() + '"'))
                .findFirst()
                .orElseThrow()
                .getValue();
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        try {
            send(exchange, script);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // Without the end of the body, this closes the connection.
            exchange.close();
        }
    }

    private static void send(HttpExchange exchange, Script script) throws IOException, InterruptedException {
        boolean headSent = false;
        for (Step step : script.steps()) {
            TimeUnit.MILLISECONDS.sleep(step.afterMillis());
            if (!headSent) {
                exchange.sendResponseHeaders(200, STREAMED);
                headSent = true;
            }
            OutputStream out = exchange.getResponseBody();
            out.write(step.text().getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
        if (script.complete()) {
            exchange.getResponseBody().close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

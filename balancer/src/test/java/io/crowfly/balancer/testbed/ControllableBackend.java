package io.crowfly.balancer.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Backend that responds {@code ok}. At a path that ends in {@code /slow} it responds only after {@link
 * #slowMayRespond}, and with {@link #failing} it responds 503.
 */
public final class ControllableBackend implements AutoCloseable {

    public final CountDownLatch slowRequestArrived = new CountDownLatch(1);
    public final CountDownLatch slowMayRespond = new CountDownLatch(1);
    public volatile boolean failing;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    public ControllableBackend() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::respond);
        server.start();
    }

    private void respond(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestURI().getPath().endsWith("/slow")) {
            slowRequestArrived.countDown();
            try {
                slowMayRespond.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        byte[] body = "ok".getBytes();
        exchange.sendResponseHeaders(failing ? 503 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        slowMayRespond.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}

package io.crowfly.bench.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Small chat completions at a steady rate, every other one streamed. The loop is open: a slow answer doesn't hold back the
 * requests after it, so that its slowness is counted as often as users would meet it.
 */
final class Traffic implements AutoCloseable {

    private static final String BACKEND_HEADER = "x-crowfly-backend";

    /** Longer than any answer here takes, unless something is broken. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "demo-traffic");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong sent = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final HttpRequest plain;
    private final HttpRequest streamed;
    private volatile Tally tally = new Tally();

    Traffic(URI chatCompletions) {
        plain = request(chatCompletions, false);
        streamed = request(chatCompletions, true);
    }

    private static HttpRequest request(URI uri, boolean stream) {
        String body = "{\"model\":\"gpt-4o\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"What is the capital of Norway?\"}]}";
        return HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    void start(int requestsPerSecond) {
        clock.scheduleAtFixedRate(
                this::sendNext, 0, TimeUnit.SECONDS.toNanos(1) / requestsPerSecond, TimeUnit.NANOSECONDS);
    }

    /** From now on requests count in a new tally; those under way still count in the one returned. */
    Tally turnOver() {
        Tally old = tally;
        tally = new Tally();
        return old;
    }

    int open() {
        return open.get();
    }

    void stop() {
        clock.shutdownNow();
    }

    private void sendNext() {
        Tally counting = tally;
        long start = System.nanoTime();
        open.incrementAndGet();
        CompletableFuture<HttpResponse<Long>> answer = sent.getAndIncrement() % 2 == 0
                ? client.sendAsync(plain, info -> BodySubscribers.replacing(System.nanoTime()))
                : client.sendAsync(streamed, info -> {
                    FirstToken firstToken = new FirstToken();
                    return BodySubscribers.fromLineSubscriber(
                            firstToken, FirstToken::nanoTime, StandardCharsets.UTF_8, "\n");
                });
        answer.whenComplete((response, failure) -> {
            open.decrementAndGet();
            count(counting, start, response);
        });
    }

    private static void count(Tally counting, long start, @Nullable HttpResponse<Long> response) {
        if (response == null || response.statusCode() != 200) {
            counting.failed();
        } else {
            counting.answered(response.headers().firstValue(BACKEND_HEADER).orElse("?"), response.body() - start);
        }
    }

    @Override
    public void close() {
        stop();
    }
}

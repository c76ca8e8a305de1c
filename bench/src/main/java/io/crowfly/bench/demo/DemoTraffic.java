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
 * Traffic of the demo: sends small chat completions at a steady rate, every other one streamed. A slow response does
 * not delay later requests (open loop), so that slow responses are counted as often as users would experience them.
 */
final class DemoTraffic implements AutoCloseable {

    private static final String BACKEND_HEADER = "x-crowfly-backend";

    /** Timeout of a request. No response of the demo takes that long. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "demo-traffic");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong sent = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final HttpRequest plain;
    private final HttpRequest streamed;
    private volatile TrafficStatistics statistics = new TrafficStatistics();

    DemoTraffic(URI chatCompletions) {
        plain = request(chatCompletions, false);
        streamed = request(chatCompletions, true);
    }

    private static HttpRequest request(URI uri, boolean stream) {
        String body = "{\"model\":\"gpt-4o\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"What is the capital of Norway?\"}]}";
        return HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    void start(int requestsPerSecond) {
        scheduler.scheduleAtFixedRate(
                this::sendNext, 0, TimeUnit.SECONDS.toNanos(1) / requestsPerSecond, TimeUnit.NANOSECONDS);
    }

    /**
     * Starts new statistics for later requests, and returns the previous statistics. Requests in flight are still
     * counted in the previous statistics.
     */
    TrafficStatistics startNewStatistics() {
        TrafficStatistics old = statistics;
        statistics = new TrafficStatistics();
        return old;
    }

    int inFlight() {
        return inFlight.get();
    }

    void stop() {
        scheduler.shutdownNow();
    }

    private void sendNext() {
        TrafficStatistics current = statistics;
        long start = System.nanoTime();
        inFlight.incrementAndGet();
        CompletableFuture<HttpResponse<Long>> pending = sent.getAndIncrement() % 2 == 0
                ? client.sendAsync(plain, info -> BodySubscribers.replacing(System.nanoTime()))
                : client.sendAsync(streamed, info -> {
                    FirstTokenTimer firstToken = new FirstTokenTimer();
                    return BodySubscribers.fromLineSubscriber(
                            firstToken, FirstTokenTimer::nanoTime, StandardCharsets.UTF_8, "\n");
                });
        pending.whenComplete((response, failure) -> {
            inFlight.decrementAndGet();
            count(current, start, response);
        });
    }

    private static void count(TrafficStatistics current, long start, @Nullable HttpResponse<Long> response) {
        if (response == null || response.statusCode() != 200) {
            current.recordFailure();
        } else {
            current.recordResponse(response.headers().firstValue(BACKEND_HEADER).orElse("?"), response.body() - start);
        }
    }

    @Override
    public void close() {
        stop();
    }
}

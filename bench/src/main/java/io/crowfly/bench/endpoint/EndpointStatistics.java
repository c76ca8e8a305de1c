package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.Refusal;
import io.crowfly.bench.endpoint.dialect.RequestHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint has received since it started. Requests to its own control paths are not in it.
 *
 * @param connections accepted in all
 * @param inFlight requests whose answer is not out yet
 * @param finished requests whose answer is out, or was broken off by the endpoint itself
 * @param cancelled requests whose client left before the answer was out
 * @param bytesReceived of request bodies
 * @param requests how many for each path
 * @param models how many asked for each model, by the name that arrived
 * @param refusals how many were refused, by status and reason; errors that were asked for are none
 * @param lastCancelled the latest of {@code cancelled}
 * @param lastRequest the latest request for anything but the health page, a probe with another path among them
 */
public record EndpointStatistics(
        long connections,
        long openConnections,
        long inFlight,
        long finished,
        long cancelled,
        long bytesReceived,
        Map<String, Long> requests,
        Map<String, Long> models,
        Map<String, Long> refusals,
        Optional<CancelledRequest> lastCancelled,
        Optional<ReceivedRequest> lastRequest) {

    public EndpointStatistics {
        requests = Map.copyOf(requests);
        models = Map.copyOf(models);
        refusals = Map.copyOf(refusals);
    }

    public long requests(String path) {
        return requests.getOrDefault(path, 0L);
    }

    /**
     * @param eventsSent of a token stream that had been written by then
     * @param atMillis since the epoch
     */
    public record CancelledRequest(String path, int eventsSent, long atMillis) {}

    /** @param headers lower-case names; of a credential only that it was there */
    public record ReceivedRequest(String method, String uri, Map<String, String> headers) {}

    /** Counts on the event loops, read from anywhere. */
    static final class Recorder {

        /** A client may make up paths without end, and names of models. */
        private static final int MAX_NAMES = 1000;

        private final LongAdder connections = new LongAdder();
        private final AtomicLong openConnections = new AtomicLong();
        private final LongAdder started = new LongAdder();
        private final LongAdder finished = new LongAdder();
        private final LongAdder cancelled = new LongAdder();
        private final LongAdder bytesReceived = new LongAdder();
        private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> models = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();
        private final AtomicReference<@Nullable CancelledRequest> lastCancelled = new AtomicReference<>();
        private final AtomicReference<@Nullable ReceivedRequest> lastRequest = new AtomicReference<>();
        private final Consumer<ReceivedRequest> requestListener;

        Recorder(Consumer<ReceivedRequest> witness) {
            this.requestListener = witness;
        }

        void connected() {
            connections.increment();
            openConnections.incrementAndGet();
        }

        void disconnected() {
            openConnections.decrementAndGet();
        }

        void requestStarted(Exchange exchange) {
            if (Router.isControl(exchange.path())) {
                return;
            }
            started.increment();
            count(requests, exchange.path());
            if (!exchange.path().equals(Router.HEALTH_PATH)) {
                ReceivedRequest request = new ReceivedRequest(
                        exchange.request.method().name(),
                        exchange.request.uri(),
                        RequestHeaders.withoutCredentials(exchange.request.headers()));
                lastRequest.set(request);
                requestListener.accept(request);
            }
        }

        private static void count(Map<String, LongAdder> counts, String name) {
            if (counts.size() < MAX_NAMES || counts.containsKey(name)) {
                counts.computeIfAbsent(name, key -> new LongAdder()).increment();
            }
        }

        private static Map<String, Long> sums(Map<String, LongAdder> counts) {
            Map<String, Long> sums = new TreeMap<>();
            counts.forEach((name, count) -> sums.put(name, count.sum()));
            return sums;
        }

        void modelRequested(String model) {
            count(models, model);
        }

        void requestRefused(Refusal refusal) {
            count(refusals, refusal.status() + " " + refusal.reason());
        }

        void bodyReceived(Exchange exchange, int count) {
            if (!Router.isControl(exchange.path())) {
                bytesReceived.add(count);
            }
        }

        void requestFinished(Exchange exchange) {
            if (!Router.isControl(exchange.path())) {
                finished.increment();
            }
        }

        void requestCancelled(Exchange exchange) {
            if (Router.isControl(exchange.path())) {
                return;
            }
            lastCancelled.set(new CancelledRequest(exchange.path(), exchange.eventsSent(), System.currentTimeMillis()));
            cancelled.increment();
        }

        EndpointStatistics snapshot() {
            // In this order a request that ends meanwhile counts as in flight, never as less than none.
            long over = finished.sum();
            long gone = cancelled.sum();
            return new EndpointStatistics(
                    connections.sum(),
                    openConnections.get(),
                    started.sum() - over - gone,
                    over,
                    gone,
                    bytesReceived.sum(),
                    sums(requests),
                    sums(models),
                    sums(refusals),
                    Optional.ofNullable(lastCancelled.get()),
                    Optional.ofNullable(lastRequest.get()));
        }
    }
}

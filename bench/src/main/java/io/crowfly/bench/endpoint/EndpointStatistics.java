package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.dialect.RequestHeaderKinds;
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
 * Statistics of the requests that a simulated endpoint has received since its start. Requests to its control paths are
 * not counted.
 *
 * @param connections number of accepted connections
 * @param openConnections number of connections that are open now
 * @param inFlight number of requests without a complete response
 * @param finished number of requests whose response is complete, or was aborted by the endpoint itself
 * @param cancelled number of requests whose client disconnected before the response was complete
 * @param bytesReceived bytes of request bodies
 * @param requests number of requests by path
 * @param models number of requests by the received model name
 * @param refusals number of refused requests by status and reason; errors that the test itself configured are not
 *     counted
 * @param lastCancelled the latest of the {@code cancelled} requests
 * @param lastRequest the latest request except health checks at {@code /health}; probes with another path count
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
     * Request whose client disconnected before the response was complete.
     *
     * @param path path of the request
     * @param eventsSent number of events of the token stream that were written before
     * @param atMillis time of the disconnection, in milliseconds since 1970
     */
    public record CancelledRequest(String path, int eventsSent, long atMillis) {}

    /**
     * Head of a received request.
     *
     * @param method its method
     * @param uri its path and query
     * @param headers by lower-case name; the value of a credential is replaced by {@code present}
     */
    public record ReceivedRequest(String method, String uri, Map<String, String> headers) {}

    /** Counters of an endpoint's requests. Written on the event loops, readable from any thread. */
    static final class Recorder {

        /**
         * Limit of the different paths and model names that are counted, because clients may send any number of them.
         */
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

        void requestStarted(EndpointExchange exchange) {
            if (EndpointRouter.isControl(exchange.path())) {
                return;
            }
            started.increment();
            count(requests, exchange.path());
            if (!exchange.path().equals(EndpointRouter.HEALTH_PATH)) {
                ReceivedRequest request = new ReceivedRequest(
                        exchange.request.method().name(),
                        exchange.request.uri(),
                        RequestHeaderKinds.withoutCredentials(exchange.request.headers()));
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

        void requestRefused(EndpointRefusal refusal) {
            count(refusals, refusal.status() + " " + refusal.reason());
        }

        void bodyReceived(EndpointExchange exchange, int count) {
            if (!EndpointRouter.isControl(exchange.path())) {
                bytesReceived.add(count);
            }
        }

        void requestFinished(EndpointExchange exchange) {
            if (!EndpointRouter.isControl(exchange.path())) {
                finished.increment();
            }
        }

        void requestCancelled(EndpointExchange exchange) {
            if (EndpointRouter.isControl(exchange.path())) {
                return;
            }
            lastCancelled.set(new CancelledRequest(exchange.path(), exchange.eventsSent(), System.currentTimeMillis()));
            cancelled.increment();
        }

        /** Returns the number of requests without a complete response. */
        long inFlight() {
            long ended = finished.sum() + cancelled.sum();
            return started.sum() - ended;
        }

        EndpointStatistics snapshot() {
            // Ended requests are read before started requests. Then a request that ends meanwhile counts as in flight,
            // and the difference is never negative.
            long finishedNow = finished.sum();
            long cancelledNow = cancelled.sum();
            return new EndpointStatistics(
                    connections.sum(),
                    openConnections.get(),
                    started.sum() - finishedNow - cancelledNow,
                    finishedNow,
                    cancelledNow,
                    bytesReceived.sum(),
                    sums(requests),
                    sums(models),
                    sums(refusals),
                    Optional.ofNullable(lastCancelled.get()),
                    Optional.ofNullable(lastRequest.get()));
        }
    }
}

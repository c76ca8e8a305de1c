package io.crowfly.bench.endpoint;

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
 * @param last the latest request for anything but the health page, a probe with another path among them
 */
public record Seen(
        long connections,
        long openConnections,
        long inFlight,
        long finished,
        long cancelled,
        long bytesReceived,
        Map<String, Long> requests,
        Map<String, Long> models,
        Map<String, Long> refusals,
        Optional<Cancelled> lastCancelled,
        Optional<Request> last) {

    public Seen {
        requests = Map.copyOf(requests);
        models = Map.copyOf(models);
        refusals = Map.copyOf(refusals);
    }

    public long requests(String path) {
        return requests.getOrDefault(path, 0L);
    }

    /**
     * @param events of a token stream that had been written by then
     * @param atMillis since the epoch
     */
    public record Cancelled(String path, int events, long atMillis) {}

    /** @param headers lower-case names; of a credential only that it was there */
    public record Request(String method, String uri, Map<String, String> headers) {}

    /** Counts on the event loops, read from anywhere. */
    static final class Journal {

        /** A client may make up paths without end, and names of models. */
        private static final int MOST_NAMES = 1000;

        private final LongAdder connections = new LongAdder();
        private final AtomicLong open = new AtomicLong();
        private final LongAdder begun = new LongAdder();
        private final LongAdder finished = new LongAdder();
        private final LongAdder cancelled = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> models = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();
        private final AtomicReference<@Nullable Cancelled> lastCancelled = new AtomicReference<>();
        private final AtomicReference<@Nullable Request> last = new AtomicReference<>();
        private final Consumer<Request> witness;

        Journal(Consumer<Request> witness) {
            this.witness = witness;
        }

        void connected() {
            connections.increment();
            open.incrementAndGet();
        }

        void disconnected() {
            open.decrementAndGet();
        }

        void began(Exchange exchange) {
            if (Router.isControl(exchange.path())) {
                return;
            }
            begun.increment();
            count(requests, exchange.path());
            if (!exchange.path().equals(Router.HEALTH)) {
                Request request = new Request(
                        exchange.request.method().name(),
                        exchange.request.uri(),
                        RequestHeaders.withoutCredentials(exchange.request.headers()));
                last.set(request);
                witness.accept(request);
            }
        }

        private static void count(Map<String, LongAdder> counts, String name) {
            if (counts.size() < MOST_NAMES || counts.containsKey(name)) {
                counts.computeIfAbsent(name, key -> new LongAdder()).increment();
            }
        }

        private static Map<String, Long> sums(Map<String, LongAdder> counts) {
            Map<String, Long> sums = new TreeMap<>();
            counts.forEach((name, count) -> sums.put(name, count.sum()));
            return sums;
        }

        void asked(String model) {
            count(models, model);
        }

        void refused(Refusal refusal) {
            count(refusals, refusal.status() + " " + refusal.why());
        }

        void received(Exchange exchange, int count) {
            if (!Router.isControl(exchange.path())) {
                bytes.add(count);
            }
        }

        void finished(Exchange exchange) {
            if (!Router.isControl(exchange.path())) {
                finished.increment();
            }
        }

        void cancelled(Exchange exchange) {
            if (Router.isControl(exchange.path())) {
                return;
            }
            lastCancelled.set(new Cancelled(exchange.path(), exchange.events(), System.currentTimeMillis()));
            cancelled.increment();
        }

        Seen seen() {
            // In this order a request that ends meanwhile counts as in flight, never as less than none.
            long over = finished.sum();
            long gone = cancelled.sum();
            return new Seen(
                    connections.sum(),
                    open.get(),
                    begun.sum() - over - gone,
                    over,
                    gone,
                    bytes.sum(),
                    sums(requests),
                    sums(models),
                    sums(refusals),
                    Optional.ofNullable(lastCancelled.get()),
                    Optional.ofNullable(last.get()));
        }
    }
}

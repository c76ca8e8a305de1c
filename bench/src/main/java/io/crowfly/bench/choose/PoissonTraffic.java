package io.crowfly.bench.choose;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Requests at random times (a Poisson process) with a mean rate, until stopped. The loop is open: a slow response does
 * not delay later requests. Only at a limit of requests in flight, which indicates an overloaded machine, sending
 * pauses. Keeps the result of each request.
 */
final class PoissonTraffic {

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Several times the number of requests that are normally in flight here. */
    private static final int MAX_IN_FLIGHT = 400;

    private static final long RECHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ClientPool clients;
    private final Supplier<ClientRequest> requests;
    private final double meanGapNanos;
    private final Random random = new Random(1);
    private final Queue<CallResult> results = new ConcurrentLinkedQueue<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong completed = new AtomicLong();
    private final Thread sender = new Thread(this::run, "traffic");
    private volatile boolean stopped;

    /** @param requests returns the next request; called by one thread */
    PoissonTraffic(ClientPool clients, double perSecond, Supplier<ClientRequest> requests) {
        this.clients = clients;
        this.requests = requests;
        meanGapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        sender.setDaemon(true);
        sender.start();
    }

    private void run() {
        double due = System.nanoTime();
        while (!stopped) {
            long wait = (long) due - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else if (inFlight() >= MAX_IN_FLIGHT) {
                LockSupport.parkNanos(RECHECK_NANOS);
            } else {
                send(requests.get());
                due -= Math.log(1 - random.nextDouble()) * meanGapNanos;
            }
        }
    }

    private void send(ClientRequest request) {
        sent.incrementAndGet();
        clients.send(request, result -> {
            results.add(result);
            completed.incrementAndGet();
        });
    }

    /** Sends many requests at once, in addition to the steady traffic. */
    void burst(int count) {
        for (int i = 0; i < count; i++) {
            send(requests.get());
        }
    }

    private long inFlight() {
        return sent.get() - completed.get();
    }

    long sent() {
        return sent.get();
    }

    /** Returns the results so far, in the order of sending. */
    List<CallResult> results() {
        List<CallResult> all = new ArrayList<>(results);
        all.sort(Comparator.comparingLong(CallResult::sentNanos));
        return all;
    }

    /** Returns the results of requests that were sent in a time range. */
    List<CallResult> results(long fromNanos, long toNanos) {
        return results().stream()
                .filter(result -> result.sentNanos() - fromNanos >= 0 && result.sentNanos() - toNanos < 0)
                .toList();
    }

    /**
     * Stops sending and waits for the last responses.
     *
     * @return the number of requests that have no response even then
     */
    long stop() throws InterruptedException {
        stopped = true;
        sender.join();
        for (long end = System.nanoTime() + TIMEOUT_NANOS; inFlight() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        return inFlight();
    }
}

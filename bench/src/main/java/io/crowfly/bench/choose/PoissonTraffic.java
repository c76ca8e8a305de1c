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
 * Traffic of {@code bench choose}: sends requests at random times (a Poisson process) until stopped, and keeps their
 * results. A slow response does not delay later requests (open loop). Sending pauses only at a limit of requests in
 * flight, which an overloaded machine may reach.
 */
final class PoissonTraffic {

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Limit of requests in flight. It is several times the normal number of this benchmark. */
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

    /** @param requests returns the next request; called by the sending thread only */
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

    /** Sends a number of requests at once, in addition to the Poisson process. */
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
     * Stops sending, and waits for the remaining responses up to a timeout.
     *
     * @return the number of requests that still have no response
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

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
 * Requests that come at random (a Poisson process), so many a second on average, until this is stopped. The loop is open: a
 * slow answer holds up nobody, up to a number of them under way that says that the machine can't keep up. Keeps what became
 * of each.
 */
final class Traffic {

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Several times what any run here has under way in ordinary times. */
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

    /** @param requests what to ask for next; called by one thread */
    Traffic(ClientPool clients, double perSecond, Supplier<ClientRequest> requests) {
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

    /** Many at once, beside the others. */
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

    /** What is over by now, in the order in which it was sent. */
    List<CallResult> results() {
        List<CallResult> all = new ArrayList<>(results);
        all.sort(Comparator.comparingLong(CallResult::sentNanos));
        return all;
    }

    /** Those of them that were sent from one moment up to another. */
    List<CallResult> results(long fromNanos, long toNanos) {
        return results().stream()
                .filter(result -> result.sentNanos() - fromNanos >= 0 && result.sentNanos() - toNanos < 0)
                .toList();
    }

    /**
     * Stops it and waits for the last answers.
     *
     * @return how many requests have no answer even then
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

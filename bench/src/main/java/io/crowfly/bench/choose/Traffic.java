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

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Several times what any run here has under way in ordinary times. */
    private static final int MOST_OPEN = 400;

    private static final long HELD_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Clients clients;
    private final Supplier<Ask> asks;
    private final double meanGapNanos;
    private final Random random = new Random(1);
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong over = new AtomicLong();
    private final Thread clock = new Thread(this::run, "traffic");
    private volatile boolean stopped;

    /** @param asks what to ask for next; called by one thread */
    Traffic(Clients clients, double perSecond, Supplier<Ask> asks) {
        this.clients = clients;
        this.asks = asks;
        meanGapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        clock.setDaemon(true);
        clock.start();
    }

    private void run() {
        double due = System.nanoTime();
        while (!stopped) {
            long wait = (long) due - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else if (open() >= MOST_OPEN) {
                LockSupport.parkNanos(HELD_UP_NANOS);
            } else {
                send(asks.get());
                due -= Math.log(1 - random.nextDouble()) * meanGapNanos;
            }
        }
    }

    private void send(Ask ask) {
        sent.incrementAndGet();
        clients.call(ask, call -> {
            calls.add(call);
            over.incrementAndGet();
        });
    }

    /** Many at once, beside the others. */
    void burst(int count) {
        for (int i = 0; i < count; i++) {
            send(asks.get());
        }
    }

    private long open() {
        return sent.get() - over.get();
    }

    long sent() {
        return sent.get();
    }

    /** What is over by now, in the order in which it was sent. */
    List<Call> calls() {
        List<Call> all = new ArrayList<>(calls);
        all.sort(Comparator.comparingLong(Call::sentNanos));
        return all;
    }

    /** Those of them that were sent from one moment up to another. */
    List<Call> calls(long fromNanos, long toNanos) {
        return calls().stream()
                .filter(call -> call.sentNanos() - fromNanos >= 0 && call.sentNanos() - toNanos < 0)
                .toList();
    }

    /**
     * Stops it and waits for the last answers.
     *
     * @return how many requests have no answer even then
     */
    long stop() throws InterruptedException {
        stopped = true;
        clock.join();
        for (long end = System.nanoTime() + PATIENCE_NANOS; open() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        return open();
    }
}

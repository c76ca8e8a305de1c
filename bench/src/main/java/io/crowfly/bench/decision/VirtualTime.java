package io.crowfly.bench.decision;

import io.crowfly.probes.Scheduler;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Scheduler of {@code bench decision} with virtual time: the caller advances the time, which runs the tasks that are
 * due.
 */
final class VirtualTime implements Scheduler {

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));

    private long nowNanos;
    private long scheduled;

    private record Due(long atNanos, long order, Runnable task) {}

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long epochMillis() {
        return nowNanos / 1_000_000;
    }

    @Override
    public void schedule(long delayNanos, Runnable task) {
        due.add(new Due(nowNanos + delayNanos, scheduled++, task));
    }

    /**
     * Advances the time by this number of nanoseconds. Runs each task that is due meanwhile at its own virtual time.
     */
    void advance(long nanos) {
        long until = nowNanos + nanos;
        for (Due next; (next = due.peek()) != null && next.atNanos <= until; ) {
            due.poll();
            nowNanos = next.atNanos;
            next.task.run();
        }
        nowNanos = until;
    }
}

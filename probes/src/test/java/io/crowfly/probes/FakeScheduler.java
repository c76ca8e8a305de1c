package io.crowfly.probes;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Scheduler whose time advances only when a test calls it. Tasks run on the test's thread. */
final class FakeScheduler implements Scheduler {

    static final long EPOCH_MILLIS = 1_800_000_000_000L;

    private record Task(long dueNanos, long number, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparingLong(Task::number));
    private long now;
    private long scheduled;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long epochMillis() {
        return EPOCH_MILLIS + now / 1_000_000;
    }

    @Override
    public void schedule(long delayNanos, Runnable task) {
        tasks.add(new Task(now + delayNanos, scheduled++, task));
    }

    /** Runs the tasks that are due now. */
    void settle() {
        advance(Duration.ZERO);
    }

    void advance(Duration by) {
        long until = now + by.toNanos();
        while (!tasks.isEmpty() && tasks.element().dueNanos() <= until) {
            Task task = tasks.remove();
            now = Math.max(now, task.dueNanos());
            task.action().run();
        }
        now = until;
    }
}

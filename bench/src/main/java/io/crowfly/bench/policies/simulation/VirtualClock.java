package io.crowfly.bench.policies.simulation;

import io.crowfly.probes.Scheduler;
import java.util.Arrays;

/**
 * Virtual time of the policy simulator, and its scheduled tasks: a binary heap in arrays, ordered by time and then by
 * the order of scheduling. A {@code PriorityQueue} would need one more object and more cache misses for each of some
 * ten million tasks.
 */
final class VirtualClock implements Scheduler {

    /** Time of day at the start of a run, in milliseconds since 1970: 2026-01-01T00:00:00Z. */
    private static final long EPOCH_MILLIS = 1_767_225_600_000L;

    private static final Runnable NOTHING = () -> {};

    private long[] times = new long[1024];
    private long[] orders = new long[1024];
    private Runnable[] tasks = new Runnable[1024];
    private int size;
    private long scheduled;
    private long nowNanos;

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long epochMillis() {
        return EPOCH_MILLIS + nowNanos / 1_000_000;
    }

    @Override
    public void schedule(long delayNanos, Runnable task) {
        scheduleAt(nowNanos + Math.max(0, delayNanos), task);
    }

    /** Schedules a task at a time that is not before now. */
    void scheduleAt(long timeNanos, Runnable task) {
        if (timeNanos < nowNanos) {
            throw new IllegalArgumentException("in the past by " + (nowNanos - timeNanos) + " ns");
        }
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            orders = Arrays.copyOf(orders, 2 * size);
            tasks = Arrays.copyOf(tasks, 2 * size);
        }
        siftUp(timeNanos, scheduled++, task);
    }

    /** Returns the time of the next task; {@link Long#MAX_VALUE} if there is none. */
    long nextNanos() {
        return size == 0 ? Long.MAX_VALUE : times[0];
    }

    /** Advances to the time of the next task and runs the task. */
    void runNext() {
        Runnable task = tasks[0];
        nowNanos = times[0];
        size--;
        long time = times[size];
        long order = orders[size];
        Runnable last = tasks[size];
        tasks[size] = NOTHING;
        if (size > 0) {
            siftDown(time, order, last);
        }
        task.run();
    }

    /** Advances to this time. No scheduled task may be due earlier. */
    void advance(long timeNanos) {
        nowNanos = timeNanos;
    }

    private void siftUp(long time, long order, Runnable task) {
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) / 2;
            if (!before(time, order, parent)) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        put(hole, time, order, task);
    }

    private void siftDown(long time, long order, Runnable task) {
        int hole = 0;
        while (true) {
            int child = 2 * hole + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && before(times[child + 1], orders[child + 1], child)) {
                child++;
            }
            if (before(time, order, child)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        put(hole, time, order, task);
    }

    private boolean before(long time, long order, int place) {
        return time < times[place] || time == times[place] && order < orders[place];
    }

    private void move(int from, int to) {
        put(to, times[from], orders[from], tasks[from]);
    }

    private void put(int place, long time, long order, Runnable task) {
        times[place] = time;
        orders[place] = order;
        tasks[place] = task;
    }
}

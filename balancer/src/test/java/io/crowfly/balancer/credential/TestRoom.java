package io.crowfly.balancer.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A room whose thread is real, and whose time passes only when a test says so. */
final class TestRoom extends ScheduledThreadPoolExecutor {

    private static final Instant START = Instant.parse("2026-10-05T09:20:00Z");

    /** As many tasks as can follow from one another at once, with some to spare. */
    private static final int CONSEQUENCES = 10;

    private final AtomicLong nanos = new AtomicLong();
    private volatile Duration ahead = Duration.ZERO;
    private final List<Later> waiting = new ArrayList<>(); // guarded by itself

    TestRoom() {
        super(1, new ThreadPoolExecutor.DiscardPolicy());
    }

    /** @param random what chance brings, always */
    Room room(double random) {
        return new Room(this, nanos::get, () -> clock(ahead).instant(), () -> random);
    }

    /** Somebody sets the room's clock. */
    void setClock(Duration ahead) {
        this.ahead = ahead;
    }

    /** @param ahead of what the room's shows until it is set */
    InstantSource clock(Duration ahead) {
        return () -> START.plusNanos(nanos.get()).plus(ahead);
    }

    private static final class Later extends FutureTask<Object> implements ScheduledFuture<Object> {
        final long dueNanos;

        Later(Runnable task, long dueNanos) {
            super(task, "");
            this.dueNanos = dueNanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Delayed other) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        if (delay <= 0) {
            return super.schedule(task, delay, unit);
        }
        Later later = new Later(task, nanos.get() + unit.toNanos(delay));
        synchronized (waiting) {
            waiting.add(later);
        }
        return later;
    }

    /** Lets time pass, with what is due in it. What answers from elsewhere bring is not waited for. */
    void advance(Duration duration) throws Exception {
        long end = nanos.get() + duration.toNanos();
        settle();
        for (Optional<Later> due = due(end); due.isPresent(); due = due(end)) {
            nanos.set(due.get().dueNanos);
            execute(due.get());
            settle();
        }
        nanos.set(end);
    }

    /** Until what the room's tasks led to at once is done as well. */
    void settle() throws Exception {
        for (int i = 0; i < CONSEQUENCES; i++) {
            submit(() -> {}).get();
        }
    }

    /** What comes next, if it comes by then. */
    private Optional<Later> due(long nanos) {
        synchronized (waiting) {
            waiting.removeIf(Later::isCancelled);
            Optional<Later> first = waiting.stream()
                    .filter(later -> later.dueNanos <= nanos)
                    .min(Comparator.comparingLong(later -> later.dueNanos));
            first.ifPresent(waiting::remove);
            return first;
        }
    }
}

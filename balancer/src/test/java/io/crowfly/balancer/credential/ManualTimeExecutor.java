package io.crowfly.balancer.credential;

import io.crowfly.balancer.credential.fetch.CredentialThread;
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
final class ManualTimeExecutor extends ScheduledThreadPoolExecutor {

    private static final Instant START = Instant.parse("2026-10-05T09:20:00Z");

    /** As many tasks as can follow from one another at once, with some to spare. */
    private static final int CHAINED_TASKS = 10;

    private final AtomicLong nanos = new AtomicLong();
    private volatile Duration ahead = Duration.ZERO;
    private final List<DelayedTask> delayedTasks = new ArrayList<>(); // guarded by itself

    ManualTimeExecutor() {
        super(1, new ThreadPoolExecutor.DiscardPolicy());
    }

    /** @param random what chance brings, always */
    CredentialThread credentialThread(double random) {
        return new CredentialThread(this, nanos::get, () -> clock(ahead).instant(), () -> random);
    }

    /** Somebody sets the room's clock. */
    void setClock(Duration ahead) {
        this.ahead = ahead;
    }

    /** @param ahead of what the room's shows until it is set */
    InstantSource clock(Duration ahead) {
        return () -> START.plusNanos(nanos.get()).plus(ahead);
    }

    private static final class DelayedTask extends FutureTask<Object> implements ScheduledFuture<Object> {
        final long dueNanos;

        DelayedTask(Runnable task, long dueNanos) {
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
        DelayedTask later = new DelayedTask(task, nanos.get() + unit.toNanos(delay));
        synchronized (delayedTasks) {
            delayedTasks.add(later);
        }
        return later;
    }

    /** Lets time pass, with what is due in it. What answers from elsewhere bring is not waited for. */
    void advance(Duration duration) throws Exception {
        long end = nanos.get() + duration.toNanos();
        settle();
        for (Optional<DelayedTask> due = nextDue(end); due.isPresent(); due = nextDue(end)) {
            nanos.set(due.get().dueNanos);
            execute(due.get());
            settle();
        }
        nanos.set(end);
    }

    /** Until what the room's tasks led to at once is done as well. */
    void settle() throws Exception {
        for (int i = 0; i < CHAINED_TASKS; i++) {
            submit(() -> {}).get();
        }
    }

    /** What comes next, if it comes by then. */
    private Optional<DelayedTask> nextDue(long nanos) {
        synchronized (delayedTasks) {
            delayedTasks.removeIf(DelayedTask::isCancelled);
            Optional<DelayedTask> first = delayedTasks.stream()
                    .filter(later -> later.dueNanos <= nanos)
                    .min(Comparator.comparingLong(later -> later.dueNanos));
            first.ifPresent(delayedTasks::remove);
            return first;
        }
    }
}

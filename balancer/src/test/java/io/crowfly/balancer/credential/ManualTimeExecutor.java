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

/** Executor with one real thread, whose time advances only when a test advances it. */
final class ManualTimeExecutor extends ScheduledThreadPoolExecutor {

    private static final Instant START = Instant.parse("2026-10-05T09:20:00Z");

    /** More tasks than can follow from one another without a delay. */
    private static final int CHAINED_TASKS = 10;

    private final AtomicLong nanos = new AtomicLong();
    private volatile Duration ahead = Duration.ZERO;
    private final List<DelayedTask> delayedTasks = new ArrayList<>(); // guarded by itself

    ManualTimeExecutor() {
        super(1, new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Creates a credential thread on this executor. @param random value of every random number */
    CredentialThread credentialThread(double random) {
        return new CredentialThread(this, nanos::get, () -> clock(ahead).instant(), () -> random);
    }

    /** Sets the clock of the credential thread. */
    void setClock(Duration ahead) {
        this.ahead = ahead;
    }

    /** Returns a clock. @param ahead difference from the initial clock of the credential thread */
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
        DelayedTask delayed = new DelayedTask(task, nanos.get() + unit.toNanos(delay));
        synchronized (delayedTasks) {
            delayedTasks.add(delayed);
        }
        return delayed;
    }

    /** Advances time and runs the tasks that become due. Does not wait for effects of responses from servers. */
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

    /** Waits until queued tasks, and the tasks that they start without a delay, are done. */
    void settle() throws Exception {
        for (int i = 0; i < CHAINED_TASKS; i++) {
            submit(() -> {}).get();
        }
    }

    /** Removes and returns the first task that is due by the given time. */
    private Optional<DelayedTask> nextDue(long nanos) {
        synchronized (delayedTasks) {
            delayedTasks.removeIf(DelayedTask::isCancelled);
            Optional<DelayedTask> first = delayedTasks.stream()
                    .filter(delayed -> delayed.dueNanos <= nanos)
                    .min(Comparator.comparingLong(delayed -> delayed.dueNanos));
            first.ifPresent(delayedTasks::remove);
            return first;
        }
    }
}

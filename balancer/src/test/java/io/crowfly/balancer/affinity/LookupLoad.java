package io.crowfly.balancer.affinity;

import io.crowfly.balancer.testbed.TestTimeout;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Load that records owners on one instance and looks them up on another, some thousand times a second, and counts the
 * results.
 */
final class LookupLoad implements AutoCloseable {

    /** Lookups at each tick of a millisecond, as in a busy region. */
    private static final int LOOKUPS_PER_TICK = 5;

    /** Lookups at a time, as many as there are requests in flight. */
    private static final int CONCURRENCY = 32;

    final AtomicInteger lookups = new AtomicInteger();
    final AtomicInteger completedLookups = new AtomicInteger();
    final AtomicInteger foundOwners = new AtomicInteger();

    private final SharedOwners writer;
    private final SharedOwners reader;
    private final Executor executor;
    private final Semaphore permits = new Semaphore(CONCURRENCY);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> running;

    LookupLoad(SharedOwners writer, SharedOwners reader, Executor executor) {
        this.writer = writer;
        this.reader = reader;
        this.executor = executor;
        running = thread.scheduleAtFixedRate(this::tick, 0, 1, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        for (int i = 0; i < LOOKUPS_PER_TICK && permits.tryAcquire(); i++) {
            int number = lookups.getAndIncrement();
            writer.recordOwner("load_" + number, "azure");
            reader.lookUp("load_" + number / 2, executor, owner -> {
                foundOwners.addAndGet(owner.isPresent() ? 1 : 0);
                completedLookups.incrementAndGet();
                permits.release();
            });
        }
    }

    /** Fails if recording or looking up has failed, or if a lookup never completes. */
    void stop() throws ExecutionException, InterruptedException, TimeoutException {
        running.cancel(false);
        thread.shutdown();
        try {
            running.get();
        } catch (CancellationException e) {
            // The expected end. An exception of a tick would be thrown instead.
        }
        if (!thread.awaitTermination(TestTimeout.SECONDS, TimeUnit.SECONDS)
                || !permits.tryAcquire(CONCURRENCY, TestTimeout.SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException(lookups.get() - completedLookups.get() + " lookups did not complete");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

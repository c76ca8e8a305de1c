package io.crowfly.balancer.affinity;

import io.crowfly.balancer.testbed.Patience;
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

/** Learns on one instance and asks another, some thousand times a second, and counts the answers. */
final class Load implements AutoCloseable {

    /** Asks at each tick of a millisecond; as a busy region has them. */
    private static final int ASKS = 5;

    /** Answers that are awaited at a time, as many as there are requests in flight. */
    private static final int CONCURRENCY = 32;

    final AtomicInteger asks = new AtomicInteger();
    final AtomicInteger answers = new AtomicInteger();
    final AtomicInteger found = new AtomicInteger();

    private final SharedHomes learner;
    private final SharedHomes asked;
    private final Executor executor;
    private final Semaphore unanswered = new Semaphore(CONCURRENCY);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> running;

    Load(SharedHomes learner, SharedHomes asked, Executor executor) {
        this.learner = learner;
        this.asked = asked;
        this.executor = executor;
        running = thread.scheduleAtFixedRate(this::tick, 0, 1, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        for (int i = 0; i < ASKS && unanswered.tryAcquire(); i++) {
            int number = asks.getAndIncrement();
            learner.learn("load_" + number, "azure");
            asked.ask("load_" + number / 2, executor, home -> {
                found.addAndGet(home.isPresent() ? 1 : 0);
                answers.incrementAndGet();
                unanswered.release();
            });
        }
    }

    /** Fails if learning or asking has, or if an ask is never answered. */
    void stop() throws ExecutionException, InterruptedException, TimeoutException {
        running.cancel(false);
        thread.shutdown();
        try {
            running.get();
        } catch (CancellationException e) {
            // As it should end: what a tick throws comes out instead.
        }
        if (!thread.awaitTermination(Patience.SECONDS, TimeUnit.SECONDS)
                || !unanswered.tryAcquire(CONCURRENCY, Patience.SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException(asks.get() - answers.get() + " asks were not answered");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

package io.crowfly.balancer.credential.fetch;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which all credentials are fetched and renewed, with its clocks and randomness. Unless stated
 * otherwise, the state of this package and of {@code credential} changes only on this thread. The thread blocks only to
 * read small files, so that no credential waits for the token server of another.
 *
 * @param ticker measures lifetimes; unlike the clock, it is never set
 * @param clock wall-clock time, for token servers and operators
 * @param random uniform between 0 and 1
 */
public record CredentialThread(
        ScheduledExecutorService executor, Ticker ticker, InstantSource clock, DoubleSupplier random)
        implements Executor {

    private static final Logger log = LoggerFactory.getLogger(CredentialThread.class);

    /** Returns the time of the ticker, in nanoseconds. */
    public long nanos() {
        return ticker.read();
    }

    Instant now() {
        return clock.instant();
    }

    /** Runs a task on the credential thread. May be called on any thread. */
    @Override
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    /** Runs a task on the credential thread after a delay. May be called on any thread. */
    public Future<?> schedule(Duration delay, Runnable task) {
        return executor.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs a task. Logs an exception of the task, because the executor would discard it. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // Only the class and the stack trace are logged, because the message may contain a secret.
            log.error("internal error: {} at {}", e.getClass().getName(), e.getStackTrace());
        }
    }
}

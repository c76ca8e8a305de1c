package io.crowfly.balancer.credential;

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
 * The one thread that all credentials are got on, with its time and its chance. What changes in this package changes on it,
 * unless it says otherwise. Nothing but small files is waited for there, so that no credential waits for another one's server.
 *
 * @param ticker what lifetimes are counted by: unlike the clock it is never set
 * @param clock what others are told the time by
 * @param random evenly between 0 and 1
 */
record Room(ScheduledExecutorService thread, Ticker ticker, InstantSource clock, DoubleSupplier random)
        implements Executor {

    private static final Logger log = LoggerFactory.getLogger(Room.class);

    long nanos() {
        return ticker.read();
    }

    Instant now() {
        return clock.instant();
    }

    /** From any thread. */
    @Override
    public void execute(Runnable task) {
        thread.execute(() -> run(task));
    }

    Future<?> after(Duration delay, Runnable task) {
        return thread.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The executor would keep what a task throws to itself. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // By its place alone: what it says may hold what it stumbled over, and that may be a secret.
            log.error("a fault of our own: {} at {}", e.getClass().getName(), e.getStackTrace());
        }
    }
}

package io.crowfly.balancer;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Deadline of a shutdown: ends the process if the orderly shutdown is not complete by then. An orderly shutdown needs
 * every event loop, and may wait forever for a loop that has ended or is blocked.
 */
final class ShutdownDeadline {

    /** The part of the time that is kept for closing connections and ending threads, at most and as a divisor. */
    private static final Duration MAX_CLOSING = Duration.ofSeconds(2);

    private static final int CLOSING_SHARE = 4;

    private final Duration total;
    private final Runnable exit;
    private final CountDownLatch completed = new CountDownLatch(1);

    /**
     * @param total time from the beginning of the shutdown to the end of the process
     * @param exit ends the process
     */
    ShutdownDeadline(Duration total, Runnable exit) {
        this.total = total;
        this.exit = exit;
    }

    /** Returns the part of the time in which requests in progress may finish. */
    Duration forRequests() {
        Duration share = total.dividedBy(CLOSING_SHARE);
        return total.minus(share.compareTo(MAX_CLOSING) < 0 ? share : MAX_CLOSING);
    }

    /** Begins the shutdown. */
    void start() {
        Thread thread = new Thread(this::await, "crowfly-shutdown-deadline");
        thread.setDaemon(true);
        thread.start();
    }

    private void await() {
        try {
            if (!completed.await(total.toNanos(), TimeUnit.NANOSECONDS)) {
                exit.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Marks the shutdown as complete. */
    void complete() {
        completed.countDown();
    }
}

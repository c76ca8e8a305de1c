package io.crowfly.balancer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A loop that has ended or is blocked keeps its sockets. The kernel continues to give the loop its share of the new
 * connections, and these connections get no response. The process cannot repair that, because an error may have left
 * any state incomplete. So the process ends, and its supervisor starts a new one.
 *
 * Time is counted in checks, not read from a clock. A stop of the whole process (a garbage collection, a suspended
 * virtual machine) stops the checks too, so no loop is reported as blocked.
 */

/**
 * Thread that checks whether every event loop runs. If a loop has ended or is blocked for seconds, the watchdog logs
 * the reason, reports the failure for {@code /healthz}, and ends the process soon after.
 */
final class Watchdog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    /** Time between two checks. */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /**
     * Missed heartbeats (3 s) after which a loop is reported as blocked. The longest known stop of one loop alone is
     * half a second: the JDK sleeps that long before an allocation of direct memory fails.
     */
    static final int BLOCKED_AFTER = 6;

    /** Checks (2 s) between the report and the end of the process, so that health checks notice and logs are sent. */
    static final int EXIT_AFTER = 4;

    private final List<LoopHeartbeat> heartbeats;
    private final Runnable exit;
    private final Runnable onHealthy;
    private final Thread thread = new Thread(this::run, "crowfly-watchdog");

    private volatile Optional<String> failure = Optional.empty();
    private int checksSinceFailure;

    /**
     * @param exit ends the process
     * @param onHealthy called after each check that found all loops running; must not block
     */
    Watchdog(List<LoopHeartbeat> heartbeats, Runnable exit, Runnable onHealthy) {
        this.heartbeats = List.copyOf(heartbeats);
        this.exit = exit;
        this.onHealthy = onHealthy;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns which loop has ended or is blocked; empty if all run. Any thread. */
    Optional<String> failure() {
        return failure;
    }

    private void run() {
        try {
            while (true) {
                checkSafely();
                TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** Checks all loops. No error may end the checks, not even the lack of memory that a check reports. */
    private void checkSafely() {
        try {
            check();
        } catch (RuntimeException | OutOfMemoryError e) {
            logFailedCheck(e);
        }
    }

    private static void logFailedCheck(Throwable cause) {
        try {
            LOG.error("a check of the event loops failed", cause);
        } catch (OutOfMemoryError e) {
            // There is not even memory for the line of the log.
        }
    }

    /** Checks all loops once. */
    void check() {
        heartbeats.forEach(LoopHeartbeat::check);
        Optional<LoopHeartbeat> failed = heartbeats.stream()
                .filter(heartbeat -> heartbeat.hasEnded() || heartbeat.missed() >= BLOCKED_AFTER)
                .findFirst();
        if (failed.isEmpty()) {
            failure.ifPresent(reason -> LOG.warn("all event loops run again, after: {}", reason));
            failure = Optional.empty();
            onHealthy.run();
        } else if (failure.isEmpty()) {
            checksSinceFailure = 0;
            failure = Optional.of(reason(failed.get()));
            log(failed.get());
        } else if (++checksSinceFailure == EXIT_AFTER) {
            try {
                LOG.error("the process ends, because {}", failure.get());
            } finally {
                exit.run();
            }
        }
    }

    private static String reason(LoopHeartbeat heartbeat) {
        return heartbeat.name() + (heartbeat.hasEnded() ? " has ended" : " is blocked");
    }

    private static void log(LoopHeartbeat heartbeat) {
        String reason = reason(heartbeat);
        if (heartbeat.hasEnded()) {
            heartbeat
                    .cause()
                    .ifPresentOrElse(
                            cause -> LOG.error("{}; the process will end", reason, cause),
                            () -> LOG.error("{}; the process will end", reason));
        } else {
            LOG.error(
                    "{} for {} s; the process will end unless it continues; its stack:{}",
                    reason,
                    INTERVAL.multipliedBy(heartbeat.missed()).toSeconds(),
                    heartbeat.stack());
        }
    }

    /** Stops the checks. */
    @Override
    public void close() {
        thread.interrupt();
    }
}

package io.crowfly.balancer;

import io.crowfly.balancer.admin.AdminServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drain of a process, with its deadline and its log. Safe for use by several threads. */
final class Drain {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final Engine engine;
    private final ConfReloader reloads;
    private final AdminServer admin;
    private final Watchdog watchdog;
    private final SystemdNotifier systemd;
    private final IntConsumer halt;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Optional<ShutdownDeadline> deadline = Optional.empty();

    Drain(
            Engine engine,
            ConfReloader reloads,
            AdminServer admin,
            Watchdog watchdog,
            SystemdNotifier systemd,
            IntConsumer halt) {
        this.engine = engine;
        this.reloads = reloads;
        this.admin = admin;
        this.watchdog = watchdog;
        this.systemd = systemd;
        this.halt = halt;
    }

    boolean hasBegun() {
        return begun.get();
    }

    /** Begins the drain. Returns at once. Further calls have no effect. */
    void begin() {
        begin(Optional.empty());
    }

    /** @param accepting how long connections are accepted because another process takes over; absent: no longer */
    private void begin(Optional<Duration> accepting) {
        if (begun.compareAndSet(false, true)) {
            ShutdownDeadline started =
                    new ShutdownDeadline(engine.snapshot().conf().timeouts().drain(), this::haltAtDeadline);
            deadline = Optional.of(started);
            started.start();
            systemd.stopping();
            new Thread(() -> drain(started, accepting), "crowfly-drain").start();
        }
    }

    /**
     * Releases the admin address to another process, and begins the drain. Blocks until the address is free.
     *
     * @return for how long connections are still accepted
     */
    Duration handOver() {
        Duration accepting =
                TakeOver.acceptingTime(engine.snapshot().conf().timeouts().drain());
        LOG.info(
                "a new process takes over: the admin address is released, connections are accepted for {} ms more",
                accepting.toMillis());
        reloads.close();
        admin.release();
        begin(Optional.of(accepting));
        return accepting;
    }

    private void haltAtDeadline() {
        LOG.warn("the shutdown was not complete within timeouts.drain; the process ends now");
        halt.accept(watchdog.failure().isPresent() ? Balancer.LOOP_FAILED : 0);
    }

    private void drain(ShutdownDeadline until, Optional<Duration> accepting) {
        try {
            reloads.close();
            LOG.info(
                    "draining: {} client connections are open; they have {} ms to finish",
                    engine.listeners().connections(),
                    until.forRequests().toMillis());
            boolean inTime = accepting.isPresent()
                    ? engine.handOver(accepting.get(), until.forRequests())
                    : engine.drain(until.forRequests());
            if (inTime) {
                LOG.info("drained");
            } else {
                LOG.warn(
                        "drain timed out: closing {} client connections",
                        engine.listeners().connections());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            finished.countDown();
        }
    }

    /** Blocks until the drain is finished. The drain may begin before or after this call. */
    void awaitFinished() throws InterruptedException {
        finished.await();
    }

    /** Marks the shutdown after the drain as complete. */
    void completeShutdown() {
        deadline.ifPresent(ShutdownDeadline::complete);
    }
}

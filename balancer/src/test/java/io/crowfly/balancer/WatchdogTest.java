package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.transport.LoopActivity;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the checks without their thread, so that time passes only by {@link #check}. */
class WatchdogTest {

    private final EventLoop loop = new DefaultEventLoop();
    private final EventLoop other = new DefaultEventLoop();
    private final AtomicInteger exits = new AtomicInteger();
    private final AtomicInteger healthyChecks = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Watchdog watchdog = new Watchdog(
            List.of(new LoopHeartbeat(other, "event loop 0"), new LoopHeartbeat(loop, "event loop 1")),
            exits::incrementAndGet,
            healthyChecks::incrementAndGet);
    private final CapturedLog log = new CapturedLog(Watchdog.class.getName());

    @AfterEach
    void end() {
        over.countDown();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        other.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        log.close();
    }

    private void check(int times) {
        for (int i = 0; i < times; i++) {
            watchdog.check();
            // A heartbeat of a loop that runs has its time between two checks.
            other.submit(() -> {}).awaitUninterruptibly();
        }
    }

    /** Returns the activity count of the loop, which is blocked from then on. */
    private LoopActivity block() {
        CompletableFuture<LoopActivity> activity = new CompletableFuture<>();
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        loop.execute(() -> {
            activity.complete(LoopActivity.ofThisLoop());
            thread.complete(Thread.currentThread());
            waitUntilTheTestIsOver();
        });
        Thread blocked = thread.join();
        await().until(() -> blocked.getState() == Thread.State.WAITING);
        return activity.join();
    }

    private void waitUntilTheTestIsOver() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets one heartbeat of the loop pass, from which the watchdog knows its thread. */
    private void beat() {
        check(1);
        loop.submit(() -> {}).awaitUninterruptibly();
        check(1);
        loop.submit(() -> {}).awaitUninterruptibly();
    }

    @Test
    void loopsThatRunAreHealthy() {
        for (int i = 0; i < 50; i++) {
            beat();
        }
        assertThat(healthyChecks).hasValue(100);
        assertThat(watchdog.failure()).isEmpty();
        assertThat(exits).hasValue(0);
    }

    @Test
    void aBlockedLoopIsLoggedWithItsStackReportedAndEndsTheProcess() {
        beat();
        block();
        check(Watchdog.BLOCKED_AFTER);
        assertThat(watchdog.failure()).isEmpty();
        int healthyBefore = healthyChecks.get();

        check(1);
        assertThat(watchdog.failure()).contains("event loop 1 is blocked");
        assertThat(healthyChecks).hasValue(healthyBefore);
        assertThat(log.lines(Level.ERROR))
                .singleElement()
                .asString()
                .startsWith("event loop 1 is blocked for 3 s")
                .contains("WatchdogTest.waitUntilTheTestIsOver(WatchdogTest.java:");

        check(Watchdog.EXIT_AFTER - 1);
        assertThat(exits).hasValue(0);
        check(10);
        assertThat(exits).hasValue(1);
        assertThat(log.lines(Level.ERROR)).last().isEqualTo("the process ends, because event loop 1 is blocked");
    }

    @Test
    void aLoopThatContinuesInTimeIsHealthyAgain() {
        beat();
        block();
        check(Watchdog.BLOCKED_AFTER + 1);
        assertThat(watchdog.failure()).isPresent();

        over.countDown();
        loop.submit(() -> {}).awaitUninterruptibly();
        beat();
        assertThat(watchdog.failure()).isEmpty();
        check(Watchdog.EXIT_AFTER);
        assertThat(exits).hasValue(0);
    }

    @Test
    void aLoopThatReadsFromSocketsIsNotBlockedThoughItRunsNoTask() {
        beat();
        LoopActivity activity = block();
        for (int i = 0; i < 50; i++) {
            activity.increment();
            check(1);
        }
        assertThat(watchdog.failure()).isEmpty();
        check(Watchdog.BLOCKED_AFTER);
        assertThat(watchdog.failure()).isPresent();
    }

    @Test
    void aLoopThatHasEndedIsReportedAtOnceAndEndsTheProcess() {
        beat();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        check(1);
        assertThat(watchdog.failure()).contains("event loop 1 has ended");
        assertThat(log.lines(Level.ERROR)).containsExactly("event loop 1 has ended; the process will end");

        check(Watchdog.EXIT_AFTER);
        assertThat(exits).hasValue(1);
    }
}

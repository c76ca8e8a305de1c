package io.crowfly.balancer;

import io.crowfly.balancer.transport.LoopActivity;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeat of one event loop: between two checks the loop must run a task, or read from a socket. For one checking
 * thread.
 */
final class LoopHeartbeat {

    private final EventLoop loop;
    private final String name;
    private volatile boolean answered = true;
    private volatile @Nullable Thread thread;
    private volatile @Nullable LoopActivity activity;
    private long lastActivity;
    private int missed;
    private boolean ended;

    /** @param name for messages */
    LoopHeartbeat(EventLoop loop, String name) {
        this.loop = loop;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Counts a missed heartbeat, or requests the next one. */
    void check() {
        if (ended || loop.isShuttingDown()) {
            ended = true;
        } else if (answered) {
            missed = 0;
            answered = false;
            try {
                loop.execute(this::answer);
            } catch (RejectedExecutionException e) {
                ended = true;
            }
        } else if (wasActive()) {
            missed = 0;
        } else {
            missed++;
        }
    }

    private boolean wasActive() {
        LoopActivity current = activity;
        long count = current == null ? 0 : current.count();
        boolean active = count != lastActivity;
        lastActivity = count;
        return active;
    }

    private void answer() {
        thread = Thread.currentThread();
        activity = LoopActivity.ofThisLoop();
        answered = true;
    }

    /** Whether the loop's thread has ended. The loop never runs again. */
    boolean hasEnded() {
        return ended;
    }

    /** Returns how many checks in a row found no heartbeat. A stop of the whole process counts once. */
    int missed() {
        return missed;
    }

    /** Returns what ended the loop, if that is known. */
    Optional<Throwable> cause() {
        return Optional.ofNullable(loop.terminationFuture().cause());
    }

    /** Returns the current stack of the loop's thread, one frame per line. */
    String stack() {
        Thread current = thread;
        return current == null
                ? "unknown"
                : Arrays.stream(current.getStackTrace())
                        .map(frame -> "\n\tat " + frame)
                        .collect(Collectors.joining());
    }
}

package io.crowfly.balancer.prober;

import io.crowfly.probes.Scheduler;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** Clock and timer for {@code Probes}, which runs tasks on one event loop. */
public record EventLoopScheduler(EventLoop loop) implements Scheduler {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public void schedule(long delayNanos, Runnable task) {
        loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }
}

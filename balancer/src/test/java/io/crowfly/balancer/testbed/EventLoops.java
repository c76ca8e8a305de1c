package io.crowfly.balancer.testbed;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The event loop that accepted the last connection of a client, for tests that end or block it. */
public final class EventLoops {

    private static final AtomicReference<@Nullable EventLoop> LAST = new AtomicReference<>();

    private EventLoops() {}

    private static EventLoop last() {
        EventLoop loop = LAST.get();
        if (loop == null) {
            throw new IllegalStateException("no connection was accepted yet");
        }
        return loop;
    }

    /** Ends the loop, and waits until its thread has ended. */
    public static void end() {
        last().shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Blocks the loop until the latch is open. */
    public static void block(CountDownLatch latch) {
        last().execute(() -> awaitForever(latch));
    }

    private static void awaitForever(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Found by Netty as a service. */
    public static final class Extension extends ChannelInitializerExtension {

        @Override
        public void postInitializeServerChildChannel(Channel channel) {
            // The loop that accepts a connection also serves it.
            if (Thread.currentThread().getName().startsWith("crowfly-loop")) {
                LAST.set(channel.parent().eventLoop());
            }
        }
    }
}

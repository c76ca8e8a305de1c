package io.crowfly.balancer.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;

/*
 * Netty's io_uring transport (4.2.18) handles completions up to 128 times before it runs tasks, each time all of them,
 * and new reads are submitted in between. Hundreds of clients that send a byte at a time can thus delay every timer and task of
 * the loop by seconds: timeouts, probes, and the check that the loop still runs. With this limit a loop runs its tasks
 * after some hundred reads, which take a few milliseconds, and at most one more read per connection. Epoll and NIO run
 * tasks after one pass over the sockets.
 */

/**
 * Handler near the head of a pipeline: lets the event loop run its tasks after a number of reads, by deferring further
 * reads until then.
 */
public final class TurnLimit extends ChannelDuplexHandler {

    static final int READS = 256;

    private static final FastThreadLocal<Turn> TURN = new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
            return new Turn();
        }
    };

    private final Turn turn = TURN.get();

    /** Use {@link #addTo}; this constructor is for tests. Call on the loop of the channel. */
    TurnLimit() {}

    /** Adds the limit if the transport of the channel needs one. Call on the loop of the channel. */
    public static void addTo(Channel channel) {
        if (channel instanceof IoUringSocketChannel) {
            channel.pipeline().addLast(new TurnLimit());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        turn.reads++;
        ctx.fireChannelRead(message);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (turn.reads < READS) {
            ctx.read();
        } else {
            turn.defer(ctx);
        }
    }

    /** The reads of one event loop since it last ran its tasks, or since some time before that. */
    private static final class Turn {

        private final ArrayDeque<ChannelHandlerContext> deferred = new ArrayDeque<>();
        private int reads;

        private void defer(ChannelHandlerContext ctx) {
            if (deferred.isEmpty()) {
                ctx.executor().execute(this::next);
            }
            deferred.add(ctx);
        }

        private void next() {
            reads = 0;
            for (ChannelHandlerContext ctx; (ctx = deferred.poll()) != null; ) {
                // Reading may have been paused meanwhile. Its resumption requests a read.
                if (!ctx.isRemoved() && ctx.channel().config().isAutoRead()) {
                    ctx.read();
                }
            }
        }
    }
}

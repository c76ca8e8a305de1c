package io.crowfly.balancer.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;

/*
 * Netty's io_uring transport (4.2.18) handles all completions up to 128 times before it runs tasks, and submits new
 * reads in between. Hundreds of clients that each send a byte at a time can thus delay every timer and task of the loop
 * by seconds. Timeouts, probes and the check that the loop still runs would be late. With this limit a loop runs its
 * tasks after some hundred reads, which take a few milliseconds, and at most one more read per connection. Epoll and
 * NIO run tasks after one pass over the sockets.
 */

/**
 * Handler near the head of a pipeline that defers reads after {@value #READS} of them, so that the event loop runs its
 * tasks first.
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

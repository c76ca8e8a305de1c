package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;

/*
 * Netty's io_uring transport (4.2.18) handles all completions up to 128 times before it runs tasks, and submits new
 * reads in between. Hundreds of clients that each send a byte at a time can thus delay every timer and task of the loop
 * by seconds. Timeouts, probes and the check that the loop still runs would be late. Some hundred clients that upload
 * large bodies at the same time do the same to small requests, because all their reads come before the next small one.
 * With this limit a loop runs its tasks after some hundred reads or about a MiB, which takes about a millisecond, and
 * the reads that waited are then submitted a MiB at a time. Epoll and NIO run tasks after one pass over the sockets.
 */

/**
 * Handler near the head of a pipeline that defers reads after {@value #READS} of them, or after {@value #BYTES} bytes,
 * so that the event loop runs its tasks first.
 */
public final class TurnLimit extends ChannelDuplexHandler {

    static final int READS = 256;

    static final int BYTES = 1024 * 1024;

    private static final FastThreadLocal<Turn> TURN = new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
            return new Turn();
        }
    };

    private final Turn turn = TURN.get();

    /** Size of the last read, in bytes, as an estimate of the next one. */
    private int lastBytes;

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
        lastBytes = ((ByteBuf) message).readableBytes();
        turn.reads++;
        turn.bytes += lastBytes;
        ctx.fireChannelRead(message);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (turn.isFull()) {
            turn.defer(new DeferredRead(ctx, lastBytes));
        } else {
            ctx.read();
        }
    }

    private record DeferredRead(ChannelHandlerContext ctx, int expectedBytes) {

        /** Reads, unless reading has been paused meanwhile. Its resumption requests a read. */
        void run() {
            if (!ctx.isRemoved() && ctx.channel().config().isAutoRead()) {
                ctx.read();
            }
        }
    }

    /** The reads of one event loop since it last ran its tasks, or since some time before that. */
    private static final class Turn {

        private final ArrayDeque<DeferredRead> deferred = new ArrayDeque<>();
        private int reads;
        private long bytes;

        private boolean isFull() {
            return reads >= READS || bytes >= BYTES;
        }

        private void defer(DeferredRead read) {
            if (deferred.isEmpty()) {
                read.ctx().executor().execute(this::next);
            }
            deferred.add(read);
        }

        /** Begins a new turn with the deferred reads that fit into it. The others wait for later turns. */
        private void next() {
            reads = 0;
            bytes = 0;
            long expectedBytes = 0;
            for (DeferredRead read; expectedBytes < BYTES && (read = deferred.poll()) != null; ) {
                expectedBytes += read.expectedBytes();
                read.run();
            }
            DeferredRead waiting = deferred.peek();
            if (waiting != null) {
                waiting.ctx().executor().execute(this::next);
            }
        }
    }
}

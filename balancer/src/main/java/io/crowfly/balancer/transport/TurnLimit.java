package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/*
 * Netty's io_uring transport (4.2.18) handles all completions up to 128 times before it runs tasks, and submits new
 * reads in between. Hundreds of clients that each send a byte at a time can thus delay every timer and task of the loop
 * by seconds. Timeouts, probes and the check that the loop still runs would be late. Hundreds of large uploads delay
 * small requests in the same way. With this limit a loop runs its tasks after some hundred reads or about a MiB, which
 * takes a few milliseconds. Deferred large reads are then submitted a few at a time, so that most of the loop's time is
 * left to small requests even if there are hundreds of uploads. Epoll and NIO run tasks after one pass over the
 * sockets.
 */

/**
 * Handler near the head of a pipeline that defers reads after {@value #READS} of them, or after {@value #BYTES} bytes,
 * so that the event loop runs its tasks first.
 */
public final class TurnLimit extends ChannelDuplexHandler {

    static final int READS = 256;

    static final int BYTES = 1024 * 1024;

    /** Number of bytes after which no further deferred large read is submitted in a turn. */
    static final int DEFERRED_BYTES = 256 * 1024;

    /** Size from which a read is large, in bytes: more than most requests. */
    static final int LARGE_BYTES = 16 * 1024;

    private static final FastThreadLocal<Turn> TURN = new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
            return new Turn();
        }
    };

    private final Turn turn = Turn.ofThisLoop();

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
        if (turn.isFull() || turn.isQueued(lastBytes)) {
            turn.defer(new DeferredRead(ctx, lastBytes));
        } else {
            ctx.read();
        }
    }

    /** Work of one socket that waits for the next turn. */
    interface Deferred extends Runnable {

        EventExecutor executor();

        /** Returns an estimate of the bytes that the work will transfer. */
        int expectedBytes();
    }

    private record DeferredRead(ChannelHandlerContext ctx, int expectedBytes) implements Deferred {

        @Override
        public EventExecutor executor() {
            return ctx.executor();
        }

        /** Reads, unless reading has been paused meanwhile. Its resumption requests a read. */
        @Override
        public void run() {
            if (!ctx.isRemoved() && ctx.channel().config().isAutoRead()) {
                ctx.read();
            }
        }
    }

    /** The reads of one event loop since it last ran its tasks, or since some time before that. */
    static final class Turn {

        private final ArrayDeque<Deferred> small = new ArrayDeque<>();
        private final ArrayDeque<Deferred> large = new ArrayDeque<>();
        private int reads;
        private long bytes;

        /** Returns the turn of the event loop that runs on the current thread. */
        static Turn ofThisLoop() {
            return TURN.get();
        }

        /** Returns whether further reads should wait for the loop's tasks. Without {@link TurnLimit}, never. */
        boolean isFull() {
            return reads >= READS || bytes >= BYTES;
        }

        private static boolean isLarge(int bytes) {
            return bytes >= LARGE_BYTES;
        }

        /** Returns whether the next read must wait behind others: a large one, while large ones wait. */
        private boolean isQueued(int expectedBytes) {
            return isLarge(expectedBytes) && !large.isEmpty();
        }

        /** Counts bytes that were transferred in another way than by a read of a channel. */
        void add(int transferredBytes) {
            bytes += transferredBytes;
        }

        void defer(Deferred work) {
            if (small.isEmpty() && large.isEmpty()) {
                work.executor().execute(this::next);
            }
            (isLarge(work.expectedBytes()) ? large : small).add(work);
        }

        /** Begins a new turn with all small reads and a few large ones. */
        private void next() {
            reads = 0;
            bytes = 0;
            for (Deferred work; (work = small.poll()) != null; ) {
                work.run();
            }
            long expectedBytes = 0;
            for (Deferred work; expectedBytes < DEFERRED_BYTES && (work = large.poll()) != null; ) {
                expectedBytes += work.expectedBytes();
                work.run();
            }
            Deferred waiting = large.peek();
            if (waiting != null) {
                // Not execute(): the loop would run it at once, before it handles the reads that were just submitted.
                waiting.executor().schedule(this::next, 0, TimeUnit.NANOSECONDS);
            }
        }
    }
}

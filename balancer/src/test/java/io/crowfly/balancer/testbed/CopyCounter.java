package io.crowfly.balancer.testbed;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Counter of the bytes that are written to sockets from the memory that a read of a socket filled, that is, by
 * reference. All other bytes were written by the process: a head, the framing of a chunk, or a copy.
 *
 * <p>Every buffer that is read is retained while the counter runs. Otherwise its memory could be reused for a copy, and
 * the copy would count as a reference.
 */
public final class CopyCounter {

    private static final AtomicReference<Optional<CopyCounter>> CURRENT = new AtomicReference<>(Optional.empty());

    /** Address ranges that reads filled, by their start. */
    private final NavigableMap<Long, Long> filled = new TreeMap<>();

    private final Deque<ByteBuf> retained = new ArrayDeque<>();
    private final AtomicLong readBytes = new AtomicLong();
    private final AtomicLong passedBytes = new AtomicLong();

    private CopyCounter() {}

    public static CopyCounter start() {
        CopyCounter counter = new CopyCounter();
        CURRENT.set(Optional.of(counter));
        return counter;
    }

    public static void stop() {
        CURRENT.getAndSet(Optional.empty()).ifPresent(CopyCounter::release);
    }

    private synchronized void release() {
        retained.forEach(ByteBuf::release);
        retained.clear();
    }

    /** Returns the number of bytes that were written from the memory they were read into. */
    public long bytesPassedByReference() {
        return passedBytes.get();
    }

    /** Returns the number of bytes that entered user space, on all connections. */
    public long bytesRead() {
        return readBytes.get();
    }

    private synchronized void onRead(ByteBuf buffer) {
        readBytes.addAndGet(buffer.readableBytes());
        retained.add(buffer.retainedDuplicate());
        for (ByteBuffer part : buffer.nioBuffers()) {
            long begin = address(part);
            filled.merge(begin, begin + part.remaining(), Math::max);
        }
    }

    private synchronized void onWrite(ByteBuf buffer) {
        for (ByteBuffer part : buffer.nioBuffers()) {
            if (part.hasRemaining()) {
                var range = part.isDirect() ? filled.floorEntry(address(part)) : null;
                boolean inside = range != null && address(part) + part.remaining() <= range.getValue();
                passedBytes.addAndGet(inside ? part.remaining() : 0);
            }
        }
    }

    private static long address(ByteBuffer part) {
        return PlatformDependent.directBufferAddress(part) + part.position();
    }

    /**
     * Found by Netty as a service. Adds the counting handler as the first one of every pipeline, next to the socket.
     */
    public static final class Extension extends ChannelInitializerExtension {

        @Override
        public void postInitializeClientChannel(Channel channel) {
            channel.pipeline().addFirst(new Counting());
        }

        @Override
        public void postInitializeServerChildChannel(Channel channel) {
            channel.pipeline().addFirst(new Counting());
        }
    }

    private static final class Counting extends ChannelDuplexHandler {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf buffer) {
                CURRENT.get().ifPresent(counter -> counter.onRead(buffer));
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf buffer) {
                CURRENT.get().ifPresent(counter -> counter.onWrite(buffer));
            }
            ctx.write(message, promise);
        }
    }
}

package io.crowfly.balancer.testbed;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Network on which every byte arrives alone, in both directions: each byte that a socket receives is read into a buffer
 * of its own. Real sockets may deliver several bytes at once, however a peer sends them.
 */
public final class SingleByteReads implements AutoCloseable {

    /** As small as a read buffer ever is. */
    private static final int READ_BUFFER_BYTES = 4096;

    private static final AtomicBoolean ACTIVE = new AtomicBoolean();
    private static final Queue<ByteBuf> BUFFERS = new ConcurrentLinkedQueue<>();

    private SingleByteReads() {}

    /** Applies to all connections that are opened from now on, until it is closed. */
    public static SingleByteReads start() {
        ACTIVE.set(true);
        return new SingleByteReads();
    }

    /** Returns how many bytes have been read. */
    public int bytesRead() {
        return BUFFERS.size();
    }

    /** Returns how many of the read buffers are still in use. */
    public int buffersInUse() {
        return (int) BUFFERS.stream().filter(buffer -> buffer.refCnt() > 0).count();
    }

    @Override
    public void close() {
        ACTIVE.set(false);
        BUFFERS.clear();
    }

    /** Found by Netty as a service. */
    public static final class Extension extends ChannelInitializerExtension {

        @Override
        public void postInitializeClientChannel(Channel channel) {
            postInitializeServerChildChannel(channel);
        }

        @Override
        public void postInitializeServerChildChannel(Channel channel) {
            if (ACTIVE.get()) {
                channel.pipeline().addFirst(new Splitter());
            }
        }
    }

    private static final class Splitter extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf read = (ByteBuf) message;
            try {
                while (read.isReadable()) {
                    // Not pooled, so that the reference count of a released buffer stays zero.
                    ByteBuf single = Unpooled.directBuffer(READ_BUFFER_BYTES);
                    single.writeByte(read.readByte());
                    ctx.fireChannelRead(single);
                    ctx.fireChannelReadComplete();
                    BUFFERS.add(single);
                }
            } finally {
                ReferenceCountUtil.release(read);
            }
        }
    }
}

package io.crowfly.bench.peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ByteProcessor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * Clients of {@code bench peers} that each read one event stream, and count events and reads. They count in the raw
 * bytes, because an HTTP codec per stream would need more CPU time than the measured proxy. Two line feeds in a row end
 * an event. They occur nowhere else in a response, because heads and chunks end their lines with carriage returns.
 */
final class EventStreamClients implements AutoCloseable {

    private static final String ACCEPTED = "HTTP/1.1 200 ";

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final LongAdder streaming = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final LongAdder reads = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile boolean closing;

    private EventStreamClients() {}

    /** Connects clients to a port of 127.0.0.1. Each client sends its request as soon as it is connected. */
    static EventStreamClients open(EventLoopGroup loop, int port, String path, int count) {
        EventStreamClients clients = new EventStreamClients();
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n";
        Bootstrap bootstrap =
                new Bootstrap().group(loop).channel(NioSocketChannel.class).handler(clients.perStream(request));
        for (int i = 0; i < count; i++) {
            ChannelFuture connecting = bootstrap.connect(InetAddress.getLoopbackAddress(), port);
            clients.channels.add(connecting.channel());
        }
        return clients;
    }

    private ChannelHandler perStream(String request) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Counter(request));
            }
        };
    }

    /** Returns the number of clients that have received a 200. */
    long streaming() {
        return streaming.sum();
    }

    /** Returns the number of events that all clients have received. */
    long events() {
        return events.sum();
    }

    /** Returns the number of reads of all clients. */
    long reads() {
        return reads.sum();
    }

    /** Returns the number of clients without a 200, or whose connection the proxy closed. */
    long failed() {
        return failed.sum();
    }

    /** Closes all streams and waits until they are closed. */
    @Override
    public void close() {
        closing = true;
        channels.close().awaitUninterruptibly();
    }

    private final class Counter extends ChannelInboundHandlerAdapter implements ByteProcessor {

        private final String request;
        private boolean headSeen;
        private byte last;
        private int eventsEnded;

        Counter(String request) {
            this.request = request;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(
                    context.alloc().buffer(request.length()).writeBytes(request.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                if (!headSeen) {
                    headSeen = true;
                    if (!accepted(bytes)) {
                        context.close();
                        return;
                    }
                    streaming.increment();
                }
                eventsEnded = 0;
                bytes.forEachByte(this);
                events.add(eventsEnded);
            } finally {
                bytes.release();
            }
        }

        /** Returns whether the bytes begin with a 200 status line. On loopback the first read has the whole line. */
        private static boolean accepted(ByteBuf bytes) {
            return bytes.readableBytes() >= ACCEPTED.length()
                    && bytes.toString(bytes.readerIndex(), ACCEPTED.length(), StandardCharsets.US_ASCII)
                            .equals(ACCEPTED);
        }

        @Override
        public boolean process(byte value) {
            if (value == '\n' && last == '\n') {
                eventsEnded++;
            }
            last = value;
            return true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            reads.increment();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!closing) {
                failed.increment();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A reset is counted when the channel becomes inactive.
            context.close();
        }
    }
}

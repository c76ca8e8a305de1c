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
 * Many clients that each read one event stream and only count: events, and how many reads they took. They look at the
 * raw bytes, since a codec for each stream would cost the load's core more than the proxy costs its own. An event ends
 * in two line feeds; nothing else of an answer does, heads and chunks ending their lines with carriage returns.
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

    /** Connects that many clients to a port of 127.0.0.1; they ask as soon as they are connected. */
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

    /** How many have been answered with 200. */
    long streaming() {
        return streaming.sum();
    }

    /** How many events all of them have seen. */
    long events() {
        return events.sum();
    }

    /** How often one of them had something to read. */
    long reads() {
        return reads.sum();
    }

    /** How many were refused, or ended by the other side. */
    long failed() {
        return failed.sum();
    }

    /** Closes all streams and waits until they are. */
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

        /** A status line comes in one piece on loopback. */
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

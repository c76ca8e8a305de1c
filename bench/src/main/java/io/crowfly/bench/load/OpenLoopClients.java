package io.crowfly.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a benchmark that send requests at a constant rate over persistent connections, one request at a
 * time on each. A request that is due while all connections are busy waits for the next free one. Responses are small
 * and arrive in one read, so the clients count reads and need no HTTP codec. All state is confined to one event loop.
 */
public final class OpenLoopClients implements AutoCloseable {

    private static final long TICK_MICROS = 500;

    /** Longest latency that is recorded; longer ones count as this one. */
    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final byte[] ACCEPTED = "HTTP/1.1 200 ".getBytes(StandardCharsets.US_ASCII);

    private final EventLoop loop;
    private final ByteBuf request;
    private final long intervalNanos;
    private final CountDownLatch connecting;
    private final ChannelGroup channels;
    private final ArrayDeque<Client> idle = new ArrayDeque<>();
    private Histogram latencies = new Histogram(MAX_NANOS, 3);
    private long nextNanos;
    private long failed;
    private boolean closing;
    private @Nullable ScheduledFuture<?> ticks;

    private OpenLoopClients(EventLoop loop, String path, int connections, int perSecond) {
        this.loop = loop;
        String text = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        request = Unpooled.unreleasableBuffer(
                Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
        intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        connecting = new CountDownLatch(connections);
        channels = new DefaultChannelGroup(loop);
    }

    /** Connects to a port of 127.0.0.1. No request is sent before {@link #start}. */
    public static OpenLoopClients open(EventLoop loop, int port, String path, int connections, int perSecond) {
        OpenLoopClients clients = new OpenLoopClients(loop, path, connections, perSecond);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(clients.new Client());
                    }
                });
        for (int i = 0; i < connections; i++) {
            clients.channels.add(
                    bootstrap.connect(InetAddress.getLoopbackAddress(), port).channel());
        }
        return clients;
    }

    public boolean awaitConnections(Duration timeout) throws InterruptedException {
        return connecting.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    public void start() {
        loop.execute(() -> {
            nextNanos = System.nanoTime();
            ticks = loop.scheduleAtFixedRate(this::sendDue, 0, TICK_MICROS, TimeUnit.MICROSECONDS);
        });
    }

    /** Returns the latencies since the last call, in nanoseconds. */
    public Histogram takeLatencies() {
        return loop.submit(() -> {
                    Histogram taken = latencies;
                    latencies = new Histogram(MAX_NANOS, 3);
                    return taken;
                })
                .syncUninterruptibly()
                .getNow();
    }

    /** Returns the number of connections that the proxy closed, and of responses other than 200. */
    public long failed() {
        return loop.submit(() -> failed).syncUninterruptibly().getNow();
    }

    private void sendDue() {
        long now = System.nanoTime();
        while (nextNanos <= now && !idle.isEmpty()) {
            idle.pollFirst().send(nextNanos);
            nextNanos += intervalNanos;
        }
    }

    @Override
    public void close() {
        loop.submit(() -> {
                    closing = true;
                    if (ticks != null) {
                        ticks.cancel(false);
                    }
                })
                .syncUninterruptibly();
        channels.close().awaitUninterruptibly();
    }

    private final class Client extends ChannelInboundHandlerAdapter {

        private @Nullable ChannelHandlerContext context;
        private long dueNanos;

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            idle.add(this);
            connecting.countDown();
        }

        void send(long due) {
            dueNanos = due;
            if (context != null) {
                context.writeAndFlush(request.duplicate(), context.voidPromise());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext reading, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            latencies.recordValue(Math.min(MAX_NANOS, System.nanoTime() - dueNanos));
            if (!begins(bytes)) {
                failed++;
            }
            bytes.release();
            idle.add(this);
            sendDue();
        }

        private static boolean begins(ByteBuf bytes) {
            for (int i = 0; i < ACCEPTED.length; i++) {
                if (i >= bytes.readableBytes() || bytes.getByte(bytes.readerIndex() + i) != ACCEPTED[i]) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void channelInactive(ChannelHandlerContext inactive) {
            idle.remove(this);
            if (!closing) {
                failed++;
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext failing, Throwable cause) {
            // A reset is counted when the channel becomes inactive.
            failing.close();
        }
    }
}

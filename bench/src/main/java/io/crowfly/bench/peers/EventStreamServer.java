package io.crowfly.bench.peers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Backend of {@code bench peers} that responds to every request with an endless stream of completion chunks, like an
 * inference endpoint. Each event has its own chunk and packet, at a steady rate. The streams send at different moments,
 * so that a proxy can't save CPU time by handling many of them at one wake-up.
 */
final class EventStreamServer implements AutoCloseable {

    static final int EVENTS_PER_SECOND = 50;

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1) / EVENTS_PER_SECOND;

    /**
     * Phase difference between two successive streams, as a share of the interval: the fraction of the golden ratio.
     * Its multiples spread any number of streams evenly over the interval.
     */
    private static final double SPREAD = 0.618034;

    private static final ByteBuf EVENT = Unpooled.unreleasableBuffer(Unpooled.directBuffer()
            .writeBytes(("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,"
                            + "\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" crow\"},"
                            + "\"finish_reason\":null}]}\n\n")
                    .getBytes(StandardCharsets.US_ASCII))
            .asReadOnly());

    private final Channel listening;

    private EventStreamServer(Channel listening) {
        this.listening = listening;
    }

    /** Starts a server on a free port of 127.0.0.1. */
    static EventStreamServer start(EventLoopGroup loop) throws IOException, InterruptedException {
        var binding = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new ChannelInitializer<>() {
                    private int streams;

                    @Override
                    protected void initChannel(Channel channel) {
                        long phase = (long) (streams++ * SPREAD % 1 * PERIOD_NANOS);
                        channel.pipeline().addLast(new HttpServerCodec(), new Stream(phase));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .await();
        if (!binding.isSuccess()) {
            throw new IOException("the event stream server can't listen", binding.cause());
        }
        return new EventStreamServer(binding.channel());
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Stops listening. Open streams end with their clients or with the event loop. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly(Duration.ofSeconds(3).toMillis());
    }

    private static final class Stream extends SimpleChannelInboundHandler<HttpObject> {

        private final long phaseNanos;
        private @Nullable Future<?> ticking;

        Stream(long phaseNanos) {
            this.phaseNanos = phaseNanos;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (!(part instanceof HttpRequest)) {
                return;
            }
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                    .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            context.writeAndFlush(head);
            ticking = context.executor()
                    .scheduleAtFixedRate(() -> tick(context), phaseNanos, PERIOD_NANOS, TimeUnit.NANOSECONDS);
        }

        private static void tick(ChannelHandlerContext context) {
            // If the proxy reads too slowly, this event is dropped. It is then missing from the rate that the clients
            // count.
            if (context.channel().isWritable()) {
                context.writeAndFlush(new DefaultHttpContent(EVENT.duplicate()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (ticking != null) {
                ticking.cancel(false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A client resets its connection when its measurement is complete, so this is no failure.
            context.close();
        }
    }
}

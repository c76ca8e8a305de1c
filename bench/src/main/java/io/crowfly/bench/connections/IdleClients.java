package io.crowfly.bench.connections;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that send one request each, read the response, and keep their connections open without further requests. */
final class IdleClients implements AutoCloseable {

    /** Connections that are opened at the same time, so that no queue of the kernel overflows. */
    private static final int OPENING = 100;

    private static final long TIMEOUT_SECONDS = 60;

    private static final String REQUEST = "GET /small HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Semaphore opening = new Semaphore(OPENING);
    private final AtomicInteger served = new AtomicInteger();
    private final EventLoopGroup loop;
    private final Optional<SslContext> tls;

    IdleClients(EventLoopGroup loop, boolean secure) throws IOException {
        this.loop = loop;
        tls = secure
                ? Optional.of(SslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm("")
                        .build())
                : Optional.empty();
    }

    /**
     * Opens connections to a port of 127.0.0.1 and waits for all responses.
     *
     * @throws IOException if a client has no response in time
     */
    void open(int port, int count) throws IOException, InterruptedException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
                        channel.pipeline().addLast(new Client());
                    }
                });
        for (int i = 0; i < count; i++) {
            acquire(1);
            channels.add(
                    bootstrap.connect(InetAddress.getLoopbackAddress(), port).channel());
        }
        acquire(OPENING);
        opening.release(OPENING);
        if (served.get() < count) {
            throw new IOException("only %d of %d clients have a response".formatted(served.get(), count));
        }
    }

    private void acquire(int permits) throws IOException, InterruptedException {
        if (!opening.tryAcquire(permits, TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("clients have no response after " + TIMEOUT_SECONDS + " s");
        }
    }

    /** Returns the number of connections that are still open. */
    int size() {
        return channels.size();
    }

    @Override
    public void close() {
        channels.close().awaitUninterruptibly();
    }

    private final class Client extends SimpleChannelInboundHandler<ByteBuf> {

        private boolean responded;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.copiedBuffer(REQUEST, StandardCharsets.US_ASCII));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf response) {
            if (!responded) {
                responded = true;
                served.incrementAndGet();
                opening.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!responded) {
                opening.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.StopReadingOnClose;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.transport.TurnLimit;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Opener of connections to one backend: name resolution, TCP, and TLS if the URL is {@code https}. */
final class Connector {

    /**
     * Bytes that may wait to be sent to a slow backend. Above 256 KiB, reading from the client pauses; below 64 KiB, it
     * resumes. Enough for a few reads per connection.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final Transport transport;
    private final DirectMemory memory;
    private final AddressResolverGroup<InetSocketAddress> resolver;
    private final String host;
    private final int port;
    private final Optional<SslContext> tls;

    Connector(
            Transport transport,
            DirectMemory memory,
            AddressResolverGroup<InetSocketAddress> resolver,
            String host,
            int port,
            Optional<SslContext> tls) {
        this.transport = transport;
        this.memory = memory;
        this.resolver = resolver;
        this.host = host;
        this.port = port;
        this.tls = tls;
    }

    /**
     * A connection that is ready for use.
     *
     * @param connectNanos time for name resolution and TCP
     * @param tlsNanos time of the TLS handshake; 0 without TLS
     */
    record Connected(Channel channel, long connectNanos, long tlsNanos) {}

    /** Connects, with TLS if the URL is {@code https}. Calls exactly one of the two consumers, on the event loop. */
    void connect(
            EventLoop loop, Duration timeout, Consumer<Connected> whenConnected, Consumer<UpstreamFailure> whenFailed) {
        connect(loop, timeout, tls, whenConnected, whenFailed);
    }

    /** Connects without TLS, even if the URL is {@code https}. Sufficient for a TCP probe. */
    void connectPlain(
            EventLoop loop, Duration timeout, Consumer<Connected> whenConnected, Consumer<UpstreamFailure> whenFailed) {
        connect(loop, timeout, Optional.empty(), whenConnected, whenFailed);
    }

    private void connect(
            EventLoop loop,
            Duration timeout,
            Optional<SslContext> context,
            Consumer<Connected> whenConnected,
            Consumer<UpstreamFailure> whenFailed) {
        long startNanos = System.nanoTime();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .resolver(resolver)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // A failed write must not close the channel, because a response may still be unread (see
                // Http1Connection).
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(Math.max(1, timeout.toMillis())))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(new ReadBuffers(channel, memory));
                        channel.pipeline().addLast(new StopReadingOnClose());
                        TurnLimit.addTo(channel);
                        context.ifPresent(tls -> channel.pipeline()
                                .addLast(newTlsHandler(tls, channel, timeout), new HandshakeFailureHandler()));
                    }
                });
        ChannelFuture connect = bootstrap.connect(InetSocketAddress.createUnresolved(host, port));
        connect.addListener(result -> {
            if (!result.isSuccess()) {
                whenFailed.accept(UpstreamFailures.ofConnect(result.cause()));
                return;
            }
            Channel channel = connect.channel();
            long connectedNanos = System.nanoTime();
            SslHandler tlsHandler = channel.pipeline().get(SslHandler.class);
            if (tlsHandler == null) {
                whenConnected.accept(new Connected(channel, connectedNanos - startNanos, 0));
                return;
            }
            tlsHandler.handshakeFuture().addListener(handshakeResult -> {
                if (handshakeResult.isSuccess()) {
                    channel.pipeline().remove(HandshakeFailureHandler.class);
                    whenConnected.accept(new Connected(
                            channel, connectedNanos - startNanos, Math.max(1, System.nanoTime() - connectedNanos)));
                } else {
                    channel.close();
                    whenFailed.accept(UpstreamFailures.ofHandshake(handshakeResult.cause()));
                }
            });
        });
    }

    private SslHandler newTlsHandler(SslContext context, Channel channel, Duration timeout) {
        SslHandler handler = context.newHandler(channel.alloc(), host, port);
        handler.setHandshakeTimeoutMillis(Math.max(1, timeout.toMillis()));
        return handler;
    }
}

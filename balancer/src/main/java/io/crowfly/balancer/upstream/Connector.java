package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.StopReadingOnClose;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.transport.TurnLimit;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Opener of connections to one backend: TCP to one of its addresses, and TLS if the URL is {@code https}. */
final class Connector {

    /**
     * Bytes that may wait to be sent to a slow backend. Above 256 KiB, reading from the client pauses; below 64 KiB, it
     * resumes. Enough for a few reads per connection.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final Transport transport;
    private final DirectMemory memory;
    private final HostAddresses addresses;
    private final String host;
    private final int port;
    private final Optional<SslContext> tls;

    Connector(
            Transport transport,
            DirectMemory memory,
            HostAddresses addresses,
            String host,
            int port,
            Optional<SslContext> tls) {
        this.transport = transport;
        this.memory = memory;
        this.addresses = addresses;
        this.host = host;
        this.port = port;
        this.tls = tls;
    }

    /**
     * A connection that is ready for use.
     *
     * @param connectNanos time for TCP, without DNS and without attempts at other addresses
     * @param tlsNanos time of the TLS handshake; 0 without TLS
     */
    record Connected(Channel channel, InetAddress address, long connectNanos, long tlsNanos) {}

    HostAddresses addresses() {
        return addresses;
    }

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
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Consumer<List<InetAddress>> race = list -> new ConnectionRace(
                        loop,
                        addresses,
                        list,
                        (address, left) -> open(loop, address, left, context, timeout),
                        deadlineNanos,
                        whenConnected,
                        whenFailed)
                .startNext();
        List<InetAddress> known = addresses.toTry();
        if (!known.isEmpty()) {
            race.accept(known);
            return;
        }
        Future<List<InetAddress>> first = addresses.firstResult(loop);
        Future<?> timer = loop.schedule(() -> first.cancel(false), timeout.toNanos(), TimeUnit.NANOSECONDS);
        first.addListener(result -> {
            timer.cancel(false);
            if (first.isSuccess()) {
                race.accept(first.getNow());
            } else if (first.isCancelled()) {
                whenFailed.accept(new UpstreamFailure(Kind.CONNECT_TIMEOUT, "DNS does not respond in time"));
            } else {
                whenFailed.accept(UpstreamFailures.ofConnect(first.cause()));
            }
        });
    }

    private ChannelFuture open(
            EventLoop loop, InetAddress address, Duration left, Optional<SslContext> context, Duration tlsTimeout) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .disableResolver()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // A failed write must not close the channel, because a response may still be unread (see
                // Http1Connection).
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(left))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(new ReadBuffers(channel, memory));
                        channel.pipeline().addLast(new StopReadingOnClose());
                        TurnLimit.addTo(channel);
                        context.ifPresent(tls -> channel.pipeline()
                                .addLast(newTlsHandler(tls, channel, tlsTimeout), new HandshakeFailureHandler()));
                    }
                })
                .connect(new InetSocketAddress(address, port));
    }

    private SslHandler newTlsHandler(SslContext context, Channel channel, Duration timeout) {
        SslHandler handler = context.newHandler(channel.alloc(), host, port);
        handler.setHandshakeTimeoutMillis(millis(timeout));
        return handler;
    }

    private static int millis(Duration timeout) {
        return Math.toIntExact(Math.max(1, timeout.toMillis()));
    }
}

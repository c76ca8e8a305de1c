package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.transport.BindAddressResolver;
import io.crowfly.balancer.transport.BindFailedException;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.LoopActivity;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.StopReadingOnClose;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.transport.TurnLimit;
import io.crowfly.conf.BindAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One bound address of a listener, which accepts client connections on every event loop. Its settings can change while
 * it accepts, so that a reload does not have to close it.
 */
final class ListenerSocket {

    /** How long to wait for the close of a socket. */
    private static final int CLOSE_SECONDS = 1;

    /** Maximum number of connections that wait in the kernel to be accepted. The limit of the kernel may be lower. */
    private static final int BACKLOG = 4096;

    /**
     * Bytes that may wait to be sent to a slow client. Above 256 KiB, reading from the backend pauses; below 64 KiB, it
     * resumes. Enough for a few reads per connection.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    /**
     * Settings that apply to new connections.
     *
     * @param tls certificates by host name; absent for a listener without TLS
     * @param headBytes limit of a request's head
     * @param maxConnections limit over all listeners
     * @param cors applies to new requests of open connections too
     */
    record Settings(Optional<Mapping<String, SslContext>> tls, int headBytes, int maxConnections, CorsPolicy cors) {}

    private final List<Channel> channels = new ArrayList<>();
    private final Map<EventLoop, ListenerLoop> loops = new IdentityHashMap<>();
    private final DirectMemory memory;
    private final HeadMemory headMemory;
    private final ConnectionCount connections;
    private final PlainHttpReport plainHttpReport;
    private volatile Settings settings;
    /** Whether each new connection serves one request only, because this process drains. */
    private volatile boolean oneRequestOnly;

    private ListenerSocket(
            DirectMemory memory,
            HeadMemory headMemory,
            List<ListenerLoop> loops,
            BindAddress address,
            Settings settings,
            ConnectionCount connections) {
        this.memory = memory;
        this.headMemory = headMemory;
        loops.forEach(loop -> this.loops.put(loop.loop(), loop));
        this.settings = settings;
        this.connections = connections;
        plainHttpReport = new PlainHttpReport(address, System::nanoTime);
    }

    /**
     * Binds the address on every event loop. Connections are accepted only after {@link #applySettings}.
     *
     * @param connections counter of client connections over all sockets
     * @throws IOException if the address can't be bound; then nothing stays bound
     */
    static ListenerSocket bind(
            Transport transport,
            DirectMemory memory,
            HeadMemory headMemory,
            List<ListenerLoop> loops,
            BindAddress address,
            Settings settings,
            ConnectionCount connections)
            throws IOException {
        ListenerSocket socket = new ListenerSocket(memory, headMemory, loops, address, settings, connections);
        try {
            SocketAddress bindTo = BindAddressResolver.toBind(address, transport);
            if (bindTo instanceof InetSocketAddress tcp) {
                for (ListenerLoop loop : loops) {
                    socket.bindTcp(transport, loop.loop(), tcp, address);
                    // For port 0 the kernel chooses a port for the first event loop. The other loops bind the same
                    // port.
                    tcp = new InetSocketAddress(tcp.getAddress(), socket.port());
                }
            } else {
                socket.bindUnix(transport, loops.get(0).loop(), bindTo, address);
            }
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private void bindTcp(Transport transport, EventLoop loop, InetSocketAddress bindTo, BindAddress address)
            throws IOException {
        ServerBootstrap bootstrap = bootstrap(loop, loop)
                .channel(transport.serverSocket())
                .option(transport.reusePort(), true)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        bind(bootstrap, bindTo, address);
    }

    /**
     * Binds a path on one event loop, because a path can be bound only once. This loop accepts the connections and
     * distributes them over all loops.
     */
    private void bindUnix(Transport transport, EventLoop loop, SocketAddress bindTo, BindAddress address)
            throws IOException {
        bind(bootstrap(loop, loop.parent()).channel(transport.serverUnixSocket()), bindTo, address);
    }

    private ServerBootstrap bootstrap(EventLoop acceptor, EventLoopGroup children) {
        return new ServerBootstrap()
                .group(acceptor, children)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                // Connections wait in the kernel until the conf is in force.
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
    }

    private void bind(ServerBootstrap bootstrap, SocketAddress bindTo, BindAddress address) throws IOException {
        var bound = bootstrap.bind(bindTo).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw BindFailedException.of(address, bound.cause());
        }
        channels.add(bound.channel());
    }

    private void accept(Channel channel) {
        LoopActivity.ofThisLoop().increment();
        Settings current = settings;
        if (!connections.tryAdd(current.maxConnections())) {
            channel.close();
            return;
        }
        // Not as a child option, because NIO's Unix sockets do not know the option and log a warning for each
        // connection.
        ((DuplexChannelConfig) channel.config()).setAllowHalfClosure(true);
        ListenerLoop loop = loops.get(channel.eventLoop());
        ReadBuffers readBuffers = new ReadBuffers(channel, memory);
        channel.config().setRecvByteBufAllocator(readBuffers);
        channel.pipeline().addLast(new StopReadingOnClose());
        TurnLimit.addTo(channel);
        RequestDecoder decoder = new RequestDecoder(current.headBytes(), headMemory);
        ResponseEncoder encoder = new ResponseEncoder();
        ClientConnection connection = new ClientConnection(
                channel,
                readBuffers,
                current.tls().isPresent() ? "https" : "http",
                loop.exchanges(),
                loop.timeoutSweep(),
                decoder,
                new ResponseWriter(channel, encoder, () -> settings.cors()),
                connections::remove);
        if (oneRequestOnly) {
            connection.closeAfterNextResponse();
        }
        current.tls().ifPresent(contexts -> channel.pipeline()
                .addLast(new TlsHandshake(contexts, () -> plainHttpReport.onPlainHttp(connection.clientAddress()))));
        channel.pipeline().addLast(decoder, encoder, connection);
    }

    /**
     * Applies the settings to connections that are accepted from now on. Starts accepting if the socket does not accept
     * yet.
     */
    void applySettings(Settings newSettings) {
        settings = newSettings;
        channels.forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Lets each connection that is accepted from now on serve one request only. */
    void acceptForOneRequest() {
        oneRequestOnly = true;
    }

    /**
     * Sends all new connections to the sockets of this process, and none to those of another process that bound the
     * address before.
     *
     * @param others number of sockets of the other process
     * @return whether the kernel does so
     */
    boolean divertNewConnections(int others) {
        return NewConnections.sendTo(channels.get(0), others, channels.size());
    }

    /** Ends {@link #divertNewConnections}. */
    void endDiversion() {
        NewConnections.sendToAll(channels.get(0));
    }

    /** Returns the bound TCP port, or -1 for a Unix socket. */
    int port() {
        return channels.get(0).localAddress() instanceof InetSocketAddress address ? address.getPort() : -1;
    }

    /**
     * Stops accepting connections. Accepted connections stay open. A loop that does not run cannot close its socket,
     * and must not delay the close of the others for long.
     */
    void close() {
        List<ChannelFuture> closes = channels.stream().map(Channel::close).toList();
        closes.forEach(close -> close.awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS));
    }
}

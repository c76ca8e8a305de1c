package io.crowfly.balancer.admin;

import io.crowfly.balancer.transport.BindAddressResolver;
import io.crowfly.balancer.transport.BindFailedException;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.StopReadingOnClose;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.conf.BindAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server socket of the admin interface. A reload keeps the socket if the address is unchanged, and otherwise binds the
 * new address before the old one is closed. Calls must not overlap, and not run on an event loop, because binding
 * blocks.
 */
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    /** How long to wait for a close. A loop that does not run cannot close its sockets. */
    private static final int CLOSE_SECONDS = 1;

    private record BoundSocket(BindAddress address, Channel channel) {}

    private final Transport transport;
    private final DirectMemory memory;
    private final EventLoop loop;
    private final AdminPages pages;
    private final ChannelGroup connections;
    private volatile Optional<BoundSocket> bound = Optional.empty();

    /** @param loop event loop of all admin connections */
    public AdminServer(Transport transport, DirectMemory memory, EventLoop loop, AdminPages pages) {
        this.transport = transport;
        this.memory = memory;
        this.loop = loop;
        this.pages = pages;
        connections = new DefaultChannelGroup(loop);
    }

    /**
     * A socket that is bound but does not accept connections before {@link #commit}. If the address is unchanged, this
     * is the current socket, which keeps accepting.
     */
    public final class PreparedSocket {

        private final BoundSocket prepared;

        private PreparedSocket(BoundSocket prepared) {
            this.prepared = prepared;
        }

        /** Accepts connections on this socket and closes the previous one. */
        public void commit() {
            Optional<BoundSocket> previous = bound;
            if (previous.isPresent() && previous.get() == prepared) {
                return;
            }
            bound = Optional.of(prepared);
            prepared.channel().config().setAutoRead(true);
            LOG.info("admin listens on {}", address(prepared));
            previous.ifPresent(AdminServer::close);
        }

        /** Closes this socket, unless it is the current one. For a reload that failed. */
        public void abandon() {
            if (bound.isEmpty() || bound.get() != prepared) {
                AdminServer.close(prepared);
            }
        }
    }

    /** Returns whether an address is bound. */
    public boolean isBound() {
        return bound.isPresent();
    }

    /**
     * Binds the address, unless it is bound already.
     *
     * @throws IOException if the address cannot be bound; the current socket stays
     */
    public PreparedSocket prepare(BindAddress address) throws IOException {
        Optional<BoundSocket> current = bound;
        return new PreparedSocket(
                current.isPresent() && current.get().address().equals(address)
                        ? current.get()
                        : new BoundSocket(address, bind(address)));
    }

    private Channel bind(BindAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.config().setRecvByteBufAllocator(new ReadBuffers(channel, memory));
                        channel.pipeline().addLast(new StopReadingOnClose());
                        AdminConnection.install(channel, pages);
                    }
                });
        SocketAddress bindTo = BindAddressResolver.toBind(address, transport);
        if (address instanceof BindAddress.Unix) {
            bootstrap.channel(transport.serverUnixSocket());
        } else {
            bootstrap.channel(transport.serverSocket()).option(ChannelOption.SO_REUSEADDR, true);
        }
        ChannelFuture binding = bootstrap.bind(bindTo).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw BindFailedException.of(address, binding.cause());
        }
        return binding.channel();
    }

    private static String address(BoundSocket socket) {
        return socket.channel().localAddress() instanceof InetSocketAddress tcp
                ? new BindAddress.Tcp(tcp.getAddress().getHostAddress(), tcp.getPort()).toString()
                : socket.address().toString();
    }

    /**
     * Returns the bound TCP port.
     *
     * @throws IllegalStateException if nothing is bound, or a Unix socket is bound
     */
    public int port() {
        if (bound.isPresent() && bound.get().channel().localAddress() instanceof InetSocketAddress tcp) {
            return tcp.getPort();
        }
        throw new IllegalStateException("the admin is not bound to a port");
    }

    private static void close(BoundSocket old) {
        old.channel().close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Closes the server socket, so that another process can bind its address. Connections stay open for one more
     * response. No reload may follow.
     */
    public void release() {
        pages.closeConnectionsAfterResponse();
        bound.ifPresent(AdminServer::close);
        bound = Optional.empty();
    }

    /** Closes the server socket and all connections. */
    @Override
    public void close() {
        bound.ifPresent(AdminServer::close);
        connections.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        pages.close();
    }
}

package io.crowfly.balancer.admin;

import io.crowfly.balancer.transport.ServerAddresses;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin's socket, carried from one conf to the next: an address that stays keeps its socket, a new one is bound before
 * the old one is given up. One thread at a time, and no event loop.
 */
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    private record Bound(BindAddress address, Channel channel) {}

    private final Transport transport;
    private final EventLoop loop;
    private final Pages pages;
    private final ChannelGroup connections;
    private volatile Optional<Bound> bound = Optional.empty();

    /** @param loop where the connections live */
    public AdminServer(Transport transport, EventLoop loop, Pages pages) {
        this.transport = transport;
        this.loop = loop;
        this.pages = pages;
        connections = new DefaultChannelGroup(loop);
    }

    /** A socket that is bound and accepts nobody yet, unless it is the one in force. */
    public final class Prepared {

        private final Bound prepared;

        private Prepared(Bound prepared) {
            this.prepared = prepared;
        }

        /** Makes it the one in force. */
        public void commit() {
            Optional<Bound> before = bound;
            if (before.isPresent() && before.get() == prepared) {
                return;
            }
            bound = Optional.of(prepared);
            prepared.channel().config().setAutoRead(true);
            LOG.info("admin listens on {}", address(prepared));
            before.ifPresent(AdminServer::close);
        }

        /** Gives it up, unless it is the one in force. */
        public void abandon() {
            if (bound.isEmpty() || bound.get() != prepared) {
                AdminServer.close(prepared);
            }
        }
    }

    /**
     * Binds the address, unless it is bound already.
     *
     * @throws IOException if it can't be had; nothing has changed then
     */
    public Prepared prepare(BindAddress address) throws IOException {
        Optional<Bound> now = bound;
        return new Prepared(
                now.isPresent() && now.get().address().equals(address) ? now.get() : new Bound(address, bind(address)));
    }

    private Channel bind(BindAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(new StopReadingOnClose());
                        AdminConnection.on(channel, pages);
                    }
                });
        SocketAddress bindTo = ServerAddresses.toBind(address, transport);
        if (address instanceof BindAddress.Unix) {
            bootstrap.channel(transport.serverUnixSocket());
        } else {
            bootstrap.channel(transport.serverSocket()).option(ChannelOption.SO_REUSEADDR, true);
        }
        ChannelFuture binding = bootstrap.bind(bindTo).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException(
                    "admin cannot bind " + address + ": " + binding.cause().getMessage(), binding.cause());
        }
        return binding.channel();
    }

    private static String address(Bound of) {
        return of.channel().localAddress() instanceof InetSocketAddress tcp
                ? new BindAddress.Tcp(tcp.getAddress().getHostAddress(), tcp.getPort()).toString()
                : of.address().toString();
    }

    /**
     * The port that is bound.
     *
     * @throws IllegalStateException if there is none, or a path is bound
     */
    public int port() {
        if (bound.isPresent() && bound.get().channel().localAddress() instanceof InetSocketAddress tcp) {
            return tcp.getPort();
        }
        throw new IllegalStateException("the admin is not bound to a port");
    }

    private static void close(Bound old) {
        old.channel().close().awaitUninterruptibly();
    }

    /** Stops accepting and ends the connections. */
    @Override
    public void close() {
        bound.ifPresent(AdminServer::close);
        connections.close().awaitUninterruptibly();
        pages.close();
    }
}

package io.crowfly.balancer.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One way to reach the kernel, with the channel classes that go with it.
 *
 * @param reusePort the option by which every loop binds the same port and accepts for itself
 * @param unixAddress how this transport writes the address of a Unix domain socket
 */
public record Transport(
        String name,
        IoHandlerFactory ioHandlerFactory,
        Class<? extends SocketChannel> socket,
        Class<? extends ServerChannel> serverSocket,
        Class<? extends ServerChannel> serverUnixSocket,
        Class<? extends DatagramChannel> datagram,
        ChannelOption<Boolean> reusePort,
        Function<Path, SocketAddress> unixAddress) {

    /**
     * Netty's io_uring transport waits for input by a poll that stays armed and tells of changes only. When a reset arrives
     * while the bytes before it are being read, its change is taken for theirs and is never told again: the connection is
     * dead and nobody knows until a timeout (about one reset in fifty here, with 4.2.18). A poll that is armed anew for each
     * read finds the socket as it is; it costs no system call, and no measurable time.
     */
    private static final String IO_URING_MULTISHOT_POLL = "io.netty.iouring.pollAddMultishotEnabled";

    /**
     * How much is read at a time: at first what a usual request has room in, and as much as 256 KiB where that much keeps
     * coming. With Netty's 64 KiB a large body costs a quarter more processor time; with 1 MiB no less. Shared by all
     * channels; each has its own guess.
     */
    public static final RecvByteBufAllocator READ_SIZES = new AdaptiveRecvByteBufAllocator(4096, 8192, 256 * 1024);

    /** The kernel's number for a connection that is no more; see {@code tcp_states.h}. */
    private static final int TCP_CLOSE = 7;

    static {
        if (System.getProperty(IO_URING_MULTISHOT_POLL) == null) {
            // Netty reads it once, when its io_uring is first touched; nothing but this class touches it.
            System.setProperty(IO_URING_MULTISHOT_POLL, "false");
        }
    }

    /** Names the transport to use ({@code io_uring}, {@code epoll}, {@code nio}) where the best one is not wanted. */
    public static final String PROPERTY = "crowfly.transport";

    /**
     * The best transport that works here, or the one that {@value #PROPERTY} names.
     *
     * @throws IllegalArgumentException if the property names none that works here
     */
    public static Transport choose() {
        String requested = System.getProperty(PROPERTY, "");
        List<Transport> available = available();
        return available.stream()
                .filter(transport -> requested.isEmpty() || transport.name().equals(requested))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(PROPERTY + " is '" + requested + "'; here it may be one of "
                                + available.stream().map(Transport::name).toList()));
    }

    /** The transports that work on this machine, best first. */
    public static List<Transport> available() {
        List<Transport> available = new ArrayList<>();
        if (IoUring.isAvailable()) {
            available.add(ioUring());
        }
        if (Epoll.isAvailable()) {
            available.add(epoll());
        }
        available.add(nio());
        return List.copyOf(available);
    }

    /** As many event loops, each with a thread of its own whose name starts with the given one. */
    public List<EventLoop> newLoops(int count, String threadName) {
        var group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(threadName), ioHandlerFactory);
        List<EventLoop> loops = new ArrayList<>(count);
        group.forEach(executor -> loops.add((EventLoop) executor));
        return List.copyOf(loops);
    }

    /** Whether the kernel knows that the peer has reset a TCP connection; false where it can't be asked. */
    public static boolean wasReset(Channel channel) {
        if (!channel.isActive()) {
            return false;
        } else if (channel instanceof IoUringSocketChannel socket) {
            return socket.tcpInfo().state() == TCP_CLOSE;
        } else if (channel instanceof EpollSocketChannel socket) {
            return socket.tcpInfo().state() == TCP_CLOSE;
        }
        return false;
    }

    private static Transport ioUring() {
        return new Transport(
                "io_uring",
                IoUringIoHandler.newFactory(),
                IoUringSocketChannel.class,
                IoUringServerSocketChannel.class,
                IoUringServerDomainSocketChannel.class,
                IoUringDatagramChannel.class,
                UnixChannelOption.SO_REUSEPORT,
                path -> new DomainSocketAddress(path.toFile()));
    }

    private static Transport epoll() {
        return new Transport(
                "epoll",
                EpollIoHandler.newFactory(),
                EpollSocketChannel.class,
                EpollServerSocketChannel.class,
                EpollServerDomainSocketChannel.class,
                EpollDatagramChannel.class,
                UnixChannelOption.SO_REUSEPORT,
                path -> new DomainSocketAddress(path.toFile()));
    }

    private static Transport nio() {
        return new Transport(
                "nio",
                NioIoHandler.newFactory(),
                NioSocketChannel.class,
                NioServerSocketChannel.class,
                NioServerDomainSocketChannel.class,
                NioDatagramChannel.class,
                NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT),
                UnixDomainSocketAddress::of);
    }
}

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
 * One kernel interface for sockets (io_uring, epoll or NIO) with its Netty channel classes, chosen at the start of the
 * process.
 *
 * @param reusePort the option that allows every event loop to bind the same port and accept its own connections
 * @param unixAddress converts a path to this transport's address of a Unix domain socket
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
     * Name of a Netty property that is set to false here. By default, Netty's io_uring transport waits for input with a
     * poll that stays armed and reports only changes. If a reset arrives while earlier bytes are being read, both
     * changes become one report. The reset is then never reported, and the dead connection stays open until a timeout
     * (about one reset in fifty here, with 4.2.18). A poll that is armed again for each read reports the current state
     * of the socket. It costs no system call and no measurable time.
     */
    private static final String IO_URING_MULTISHOT_POLL = "io.netty.iouring.pollAddMultishotEnabled";

    /**
     * Buffer sizes of reads, in bytes: at first the size of a usual request, and up to 256 KiB while reads fill the
     * buffer. With Netty's 64 KiB a large body costs a quarter more processor time; 1 MiB saves nothing more. Shared by
     * all channels; each channel adapts its own size.
     */
    public static final RecvByteBufAllocator READ_SIZES = new AdaptiveRecvByteBufAllocator(4096, 8192, 256 * 1024);

    /** The kernel's state number of a TCP connection that is open in both directions; see {@code tcp_states.h}. */
    private static final int TCP_ESTABLISHED = 1;

    /** The kernel's state number of a closed TCP connection; see {@code tcp_states.h}. */
    private static final int TCP_CLOSE = 7;

    /** The kernel's state number of a TCP connection whose peer has sent a FIN. */
    private static final int TCP_CLOSE_WAIT = 8;

    private static final int UNKNOWN_STATE = 0;

    static {
        if (System.getProperty(IO_URING_MULTISHOT_POLL) == null) {
            // Netty reads the property once, when its io_uring class is first used; only this class uses it.
            System.setProperty(IO_URING_MULTISHOT_POLL, "false");
        }
    }

    /**
     * System property that selects the transport instead of the best one: {@code io_uring}, {@code epoll} or {@code
     * nio}.
     */
    public static final String PROPERTY = "crowfly.transport";

    /**
     * Returns the best transport that works on this machine, or the one that {@value #PROPERTY} names.
     *
     * @throws IllegalArgumentException if the named transport does not work on this machine
     */
    public static Transport choose() {
        String requested = System.getProperty(PROPERTY, "");
        List<Transport> available = available();
        return available.stream()
                .filter(transport -> requested.isEmpty() || transport.name().equals(requested))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(PROPERTY + " is '" + requested + "'; available here: "
                        + available.stream().map(Transport::name).toList()));
    }

    /** Returns the transports that work on this machine, best first. */
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

    /** Returns new event loops. Each has its own thread, whose name starts with {@code threadName}. */
    public List<EventLoop> newLoops(int count, String threadName) {
        var group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(threadName), ioHandlerFactory);
        List<EventLoop> loops = new ArrayList<>(count);
        group.forEach(executor -> loops.add((EventLoop) executor));
        return List.copyOf(loops);
    }

    /**
     * Returns whether the kernel reports that the peer has reset the TCP connection; false if the transport can't query
     * the kernel.
     */
    public static boolean wasReset(Channel channel) {
        return tcpState(channel) == TCP_CLOSE;
    }

    /**
     * Whether the peer has sent a FIN on a TCP connection, according to the kernel, also if data before the FIN is
     * unread. False if the transport can't query the kernel.
     */
    public static boolean hasReceivedFin(Channel channel) {
        return tcpState(channel) == TCP_CLOSE_WAIT;
    }

    /**
     * Returns whether the TCP connection is open in both directions, according to the kernel: neither a FIN nor a reset
     * was sent or received. False if the transport can't query the kernel.
     */
    static boolean isEstablished(Channel channel) {
        return tcpState(channel) == TCP_ESTABLISHED;
    }

    private static int tcpState(Channel channel) {
        if (!channel.isActive()) {
            return UNKNOWN_STATE;
        } else if (channel instanceof IoUringSocketChannel socket) {
            return socket.tcpInfo().state();
        } else if (channel instanceof EpollSocketChannel socket) {
            return socket.tcpInfo().state();
        }
        return UNKNOWN_STATE;
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

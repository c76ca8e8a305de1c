package io.crowfly.balancer.transport;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/*
 * Sockets that Netty's io_uring transport has accepted are in blocking mode, because its operations do not need another
 * mode. A system call on such a socket would block the event loop. Netty has no method to change the mode, but it does
 * so with each descriptor that it receives over a Unix socket. The mode belongs to the socket, not to the descriptor.
 * So a descriptor is sent to the loop itself, and the duplicate that arrives is closed.
 *
 * The Unix socket is connected to itself, so the kernel refuses datagrams from all other sockets. Its name is abstract:
 * it is in no file system.
 */

/** Switch of sockets to the non-blocking mode. Confined to one event loop. */
final class NonBlockingMode {

    private static final FastThreadLocal<NonBlockingMode> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected NonBlockingMode initialValue() {
            return new NonBlockingMode();
        }

        @Override
        protected void onRemoval(NonBlockingMode mode) throws IOException {
            mode.close();
        }
    };

    /** Present on each channel that is in the non-blocking mode. */
    private static final AttributeKey<Boolean> IS_SET = AttributeKey.valueOf(NonBlockingMode.class, "isSet");

    /** {@code O_NONBLOCK} of the flags in {@code /proc/self/fdinfo}, the same on x86-64 and on AArch64. */
    private static final int O_NONBLOCK = 04000;

    /** Connected to itself; absent until the first change. */
    private @Nullable Socket loopback;

    /**
     * Whether a change has been verified. One is enough, but necessary, because the change is a side effect in Netty.
     */
    private boolean verified;

    private NonBlockingMode() {}

    /** Returns the object of the event loop that runs on the current thread. */
    static NonBlockingMode ofThisLoop() {
        return OF_LOOP.get();
    }

    /**
     * Changes the socket of a channel to the non-blocking mode.
     *
     * @throws IOException if that is not possible
     */
    void setFor(IoUringSocketChannel channel) throws IOException {
        Attribute<Boolean> isSet = channel.attr(IS_SET);
        if (isSet.get() == null) {
            setFor(channel.fd());
            isSet.set(true);
        }
    }

    private void setFor(FileDescriptor socket) throws IOException {
        if (loopback == null) {
            loopback = newLoopback();
        }
        if (loopback.sendFd(socket.intValue()) < 0) {
            throw new IOException("a descriptor was not sent");
        }
        int duplicate = loopback.recvFd();
        if (duplicate <= 0) {
            throw new IOException("a descriptor was not received");
        }
        new FileDescriptor(duplicate).close();
        verified = verified || isSetFor(socket);
        if (!verified) {
            throw new IOException("a received descriptor is in blocking mode");
        }
    }

    private static Socket newLoopback() throws IOException {
        Socket socket = Socket.newSocketDomainDgram();
        try {
            DomainSocketAddress name = new DomainSocketAddress("\0crowfly-" + UUID.randomUUID());
            socket.bind(name);
            socket.connect(name);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static boolean isSetFor(FileDescriptor socket) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + socket.intValue())).stream()
                .filter(line -> line.startsWith("flags:"))
                .anyMatch(line -> (Integer.parseInt(line.substring(6).strip(), 8) & O_NONBLOCK) != 0);
    }

    private void close() throws IOException {
        if (loopback != null) {
            loopback.close();
        }
    }
}

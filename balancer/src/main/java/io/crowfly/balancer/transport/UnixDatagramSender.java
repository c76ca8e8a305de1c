package io.crowfly.balancer.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Sender of datagrams to a Unix socket. The JDK has no datagram sockets of this kind, so the sender uses Netty's native
 * library, without an event loop. Safe for use by several threads. A send does not block: if the receiver's queue is
 * full, it fails.
 */
public final class UnixDatagramSender implements AutoCloseable {

    private final byte[] address;
    private final Socket socket;
    private boolean closed;

    private UnixDatagramSender(byte[] address, Socket socket) {
        this.address = address;
        this.socket = socket;
    }

    /**
     * Opens a sender.
     *
     * @param path path of the receiver's socket
     * @throws IOException if Netty's native library does not work on this machine
     */
    public static UnixDatagramSender to(String path) throws IOException {
        if (!Epoll.isAvailable()) { // loads the library, which has the socket calls of both native transports
            throw new IOException("Netty's native library does not work here", Epoll.unavailabilityCause());
        }
        return new UnixDatagramSender(path.getBytes(StandardCharsets.UTF_8), Socket.newSocketDomainDgram());
    }

    /** Sends one datagram; after {@link #close} does nothing. */
    public synchronized void send(String message) throws IOException {
        if (closed) {
            return;
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        // The native code needs a direct buffer. Few and short messages are sent, so the buffer is not kept.
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        try {
            socket.sendToDomainSocket(buffer, 0, bytes.length, address);
        } catch (Errors.NativeIoException e) {
            throw new IOException("the datagram was not sent: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        socket.close();
    }
}

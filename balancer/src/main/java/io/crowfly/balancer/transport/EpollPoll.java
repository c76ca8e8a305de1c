package io.crowfly.balancer.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Poll by an epoll instance of its own inside that of the event loop, which already contains the sockets for their
 * channels.
 */
final class EpollPoll implements SocketPoll, EpollIoHandle {

    private static final int NONE = -1;

    private final int source;
    private final int target;
    private final Runnable onReady;
    private final FileDescriptor epoll = Native.newEpollCreate();
    private final IoRegistration registration;

    /** The socket that the epoll instance contains. */
    private int watched = NONE;

    private boolean closed;

    EpollPoll(IoEventLoop loop, int source, int target, Runnable onReady) throws IOException {
        this.source = source;
        this.target = target;
        this.onReady = onReady;
        // Complete at once, because this is the thread of the loop.
        registration = loop.register(this).getNow();
        try {
            registration.submit(EpollIoOps.EPOLLIN);
        } catch (UncheckedIOException e) {
            close();
            throw e.getCause();
        }
    }

    @Override
    public FileDescriptor fd() {
        return epoll;
    }

    @Override
    public void awaitReadable() throws IOException {
        watch(source, Native.EPOLLIN | Native.EPOLLRDHUP);
    }

    @Override
    public void awaitWritable() throws IOException {
        watch(target, Native.EPOLLOUT);
    }

    /** Watches only one socket, because epoll reports the failure of a socket even if no event of it is requested. */
    private void watch(int socket, int events) throws IOException {
        if (watched != socket) {
            if (watched != NONE) {
                Native.epollCtlDel(epoll.intValue(), watched);
            }
            watched = NONE;
            Native.epollCtlAdd(epoll.intValue(), socket, events);
            watched = socket;
        }
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        if (!closed) {
            onReady.run();
        }
    }

    /** Also called by Netty when the event loop ends. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            registration.cancel();
            try {
                epoll.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

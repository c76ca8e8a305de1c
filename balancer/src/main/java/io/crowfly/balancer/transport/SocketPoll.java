package io.crowfly.balancer.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;

/**
 * Poll that reports when one of two sockets is ready, independently of the polls of their channels. Waits for one
 * socket at a time. Confined to the event loop of both sockets.
 */
sealed interface SocketPoll permits EpollPoll, IoUringPoll {

    /**
     * Returns a new poll. Call on the event loop of both channels, which are of the same transport.
     *
     * @param onReady called once for each wait, unless the poll is closed before
     * @throws IOException if the process has too many open files
     */
    static SocketPoll of(UnixChannel source, UnixChannel target, Runnable onReady) throws IOException {
        IoEventLoop loop = (IoEventLoop) ((Channel) source).eventLoop();
        int in = source.fd().intValue();
        int out = target.fd().intValue();
        return source instanceof IoUringSocketChannel
                ? new IoUringPoll(loop, in, out, onReady)
                : new EpollPoll(loop, in, out, onReady);
    }

    /** Waits until the source is readable, has ended or has failed. */
    void awaitReadable() throws IOException;

    /** Waits until the target is writable or has failed. */
    void awaitWritable() throws IOException;

    /** Ends the poll. Must precede the close of the sockets, because a poll may keep a socket open. */
    void close();
}

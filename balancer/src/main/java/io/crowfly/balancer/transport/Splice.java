package io.crowfly.balancer.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * The system call splice(2) moves references to pages: from the receive queue of one socket to a pipe, and from the
 * pipe to the send queue of the other socket. Two other ways were weighed:
 *
 * - The splice operation of io_uring. The kernel always executes it on a worker thread, so each one costs two changes
 * of
 *   threads. With both transports this class uses the system call instead, through Netty's binding for epoll.
 * - AbstractEpollStreamChannel.spliceTo() of Netty. It closes the channel as soon as the backend's FIN has arrived,
 * even
 *   if a part of the body is unread. A response with "Connection: close" would be cut off.
 *
 * The channel of the source must not read while bytes are taken from its socket, or bytes would change their order.
 * Netty reads in spite of AUTO_READ = false when a FIN or a reset has arrived. With io_uring, such a read may have
 * taken bytes before this class sees its completion. Therefore the state of the connection is queried before bytes are
 * taken. If a FIN or a reset has arrived, the rest is left to the channel. If none has arrived, the loop has not
 * requested such a read, and cannot request one before the bytes are taken, because both run on its thread.
 */

/**
 * Transfer of a number of bytes from one socket to another inside the kernel. Both sockets belong to channels of the
 * same event loop, to which the transfer is confined. The channel of the source does not read, and nothing is written
 * to the channel of the target, until the transfer has ended.
 */
public final class Splice implements TurnLimit.Deferred {

    private static final Logger LOG = LoggerFactory.getLogger(Splice.class);

    /** System property that disables all splices if it is {@code false}. */
    public static final String PROPERTY = "crowfly.splice";

    /** Bytes after which other sockets of the loop get their turn: as many as the largest read of a channel. */
    private static final int MAX_STEP_BYTES = 256 * 1024;

    /**
     * Limit of the number of splices at once. By default, Linux gives all pipes of a user 16,384 pages
     * ({@code fs.pipe-user-pages-soft}), 16 for each, and only two for each further pipe.
     */
    private static final int MAX_SPLICES = 1000;

    private static final AtomicInteger SPLICES = new AtomicInteger();

    /** Receiver of the events of a splice. */
    public interface Receiver {

        /** Called when bytes have been taken from the source. Some of them may not have been passed to the target. */
        void onTaken(int bytes);

        /** Called when bytes have been passed to the target. */
        void onPassed(int bytes);

        /**
         * Called when all bytes that were taken have been passed, and no more will be taken: either all bytes have been
         * passed, or the channel of the source must read the rest, with the FIN or the error after it.
         */
        void onEnd();

        /** Called when the target cannot be written. */
        void onTargetFailure(Throwable cause);
    }

    private final Channel source;
    private final FileDescriptor in;
    private final FileDescriptor out;
    private final Receiver receiver;
    private final Pipe pipe;
    private final SocketPoll poll;
    private final LoopActivity activity = LoopActivity.ofThisLoop();
    private final TurnLimit.Turn turn = TurnLimit.Turn.ofThisLoop();

    /** Whether the channels of this transport respect the limit of a turn. */
    private final boolean isTurnLimited;

    /** Bytes that have not been taken from the source. */
    private long left;

    /** Bytes in the pipe. */
    private int piped;

    private boolean sourceEnded;
    private boolean awaitsSource;
    private boolean awaitsTarget;
    private boolean stopped;

    private Splice(UnixChannel source, UnixChannel target, long bytes, Receiver receiver) throws IOException {
        this.source = source;
        this.receiver = receiver;
        in = source.fd();
        out = target.fd();
        isTurnLimited = source instanceof IoUringSocketChannel;
        left = bytes;
        if (target instanceof IoUringSocketChannel) {
            NonBlockingMode.ofThisLoop().setFor((IoUringSocketChannel) target);
        }
        pipe = Pipe.open();
        try {
            poll = SocketPoll.of(source, target, this::onReady);
        } catch (IOException | ChannelException e) {
            pipe.release(true);
            throw e;
        }
    }

    /**
     * Returns whether the channel is a plain TCP connection, on a machine and with a {@link #PROPERTY} that permit
     * splices.
     */
    public static boolean isSupported(Channel channel) {
        return (channel instanceof IoUringSocketChannel || channel instanceof EpollSocketChannel)
                && channel.pipeline().get(SslHandler.class) == null
                && Epoll.isAvailable()
                && !"false".equals(System.getProperty(PROPERTY));
    }

    /**
     * Returns a new transfer, which {@link #start} starts; empty if there are too many, or if the process has too many
     * open files. Call only for channels that {@linkplain #isSupported support} splices.
     *
     * @param bytes number of bytes to transfer
     */
    public static Optional<Splice> between(Channel source, Channel target, long bytes, Receiver receiver) {
        if (SPLICES.incrementAndGet() <= MAX_SPLICES) {
            try {
                return Optional.of(new Splice((UnixChannel) source, (UnixChannel) target, bytes, receiver));
            } catch (IOException | ChannelException e) {
                LOG.debug("a body is not spliced: {}", e.getMessage());
            }
        }
        SPLICES.decrementAndGet();
        return Optional.empty();
    }

    /** Starts the transfer. Call when all earlier writes to the target are complete. */
    public void start() {
        run();
    }

    /** Returns whether the target does not accept more bytes for now. */
    public boolean awaitsTarget() {
        return awaitsTarget;
    }

    /** Takes no more bytes from the source, because its channel has read or was closed. */
    public void endSource() {
        sourceEnded = true;
        if (awaitsSource) {
            onReady();
        }
    }

    /** Ends the transfer. No event follows. Bytes in the pipe are lost. */
    public void stop() {
        if (!stopped) {
            stopped = true;
            SPLICES.decrementAndGet();
            poll.close();
            pipe.release(piped == 0);
        }
    }

    private void onReady() {
        boolean readable = awaitsSource;
        awaitsSource = false;
        awaitsTarget = false;
        if (isTurnLimited && turn.isFull()) {
            turn.defer(this);
        } else {
            transfer(readable);
        }
    }

    @Override
    public EventExecutor executor() {
        return source.eventLoop();
    }

    @Override
    public int expectedBytes() {
        return MAX_STEP_BYTES;
    }

    /** Continues the transfer in a new turn of the loop. */
    @Override
    public void run() {
        transfer(false);
    }

    /** @param readable whether the kernel has reported that the source is readable, or has ended */
    private void transfer(boolean readable) {
        if (stopped) {
            return;
        }
        activity.increment();
        try {
            transferStep(readable);
        } catch (IOException e) {
            stop();
            receiver.onTargetFailure(e);
        }
    }

    private void transferStep(boolean readable) throws IOException {
        boolean reported = readable;
        boolean mayTake = !sourceEnded && Transport.isEstablished(source);
        int passed = 0;
        while (!stopped) {
            if (piped == 0 && left > 0 && mayTake && passed < MAX_STEP_BYTES) {
                take();
                // Bytes that cannot be spliced, such as urgent data, would otherwise be reported again and again.
                mayTake = piped > 0 || !reported;
                reported = false;
            }
            if (piped > 0) {
                int written = pass();
                if (written == 0) {
                    awaitsTarget = true;
                    poll.awaitWritable();
                    return;
                }
                passed += written;
            } else if (left > 0 && mayTake && !sourceEnded) {
                awaitsSource = true;
                poll.awaitReadable();
                return;
            } else {
                stop();
                receiver.onEnd();
            }
        }
    }

    private void take() {
        try {
            piped = Native.splice(in.intValue(), -1, pipe.input().intValue(), -1, Math.min(left, MAX_STEP_BYTES));
        } catch (IOException e) {
            // The channel of the source will report the error.
            sourceEnded = true;
            return;
        }
        if (piped > 0) {
            left -= piped;
            receiver.onTaken(piped);
        }
    }

    /** @return the number of bytes; 0 if the target accepts none for now */
    private int pass() throws IOException {
        if (!out.isOpen()) {
            // The number of a closed descriptor may belong to another connection.
            throw new ClosedChannelException();
        }
        int written = Native.splice(pipe.output().intValue(), -1, out.intValue(), -1, piped);
        piped -= written;
        if (isTurnLimited) {
            turn.add(written);
        }
        if (written > 0) {
            receiver.onPassed(written);
        }
        return written;
    }
}

package io.crowfly.balancer.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;

/** Poll by operations of io_uring. The constants are those of {@code io_uring.h}; Netty's own are not public. */
final class IoUringPoll implements SocketPoll, IoUringIoHandle {

    private static final byte POLL_ADD = 6;
    private static final byte ASYNC_CANCEL = 14;

    private static final int POLLIN = 0x1;
    private static final int POLLOUT = 0x4;

    private final int source;
    private final int target;
    private final Runnable onReady;
    private final IoRegistration registration;

    /** Id of the poll that is in the kernel; {@link IoRegistration} never returns 0 for a submitted operation. */
    private long waitingId;

    private boolean closed;

    IoUringPoll(IoEventLoop loop, int source, int target, Runnable onReady) {
        this.source = source;
        this.target = target;
        this.onReady = onReady;
        // Complete at once, because this is the thread of the loop.
        registration = loop.register(this).getNow();
    }

    @Override
    public void awaitReadable() {
        waitingId = submit(POLL_ADD, source, 0, POLLIN);
    }

    @Override
    public void awaitWritable() {
        waitingId = submit(POLL_ADD, target, 0, POLLOUT);
    }

    private long submit(byte operation, int fd, long address, int flags) {
        return registration.submit(new IoUringIoOps(
                operation, (byte) 0, (short) 0, fd, 0, address, 0, flags, 0L, (short) 0, (short) 0, 0, 0));
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        if (((IoUringIoEvent) event).opcode() == POLL_ADD) {
            waitingId = 0;
            if (!closed) {
                onReady.run();
            }
        }
    }

    /** Also called by Netty when the event loop ends. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (waitingId != 0) {
                submit(ASYNC_CANCEL, -1, waitingId, 0);
            }
            registration.cancel();
        }
    }
}

package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/*
 * A read needs a buffer before the number of bytes to read is known. A client that sends a KiB at a time fills about a
 * quarter of each buffer. That is no problem if the bytes are passed on at once, but bodies that are held would take
 * four times the memory. Compacting them would copy the bodies, so the next read uses the rest of the previous buffer
 * instead.
 */

/**
 * Allocator for the reads of one connection. Normally each read gets a buffer of {@link Transport#READ_SIZES}. While
 * the data is held, reads share larger buffers and fill them to their end. While direct memory is short, each read gets
 * a small buffer. If an allocation fails, the connection is closed. Confined to the loop of the connection.
 */
public final class ReadBuffers implements RecvByteBufAllocator {

    /**
     * Size of a shared buffer. Its unused end is small in comparison, and this much unused memory per connection is
     * acceptable.
     */
    private static final int SHARED_BYTES = 64 * 1024;

    /** Minimum rest of a shared buffer that is used for another read. */
    private static final int MIN_READ_BYTES = 1024;

    private final Channel channel;
    private final DirectMemory memory;
    private boolean holding;

    /** Bytes that were read since the socket became readable. */
    private int bytesRead;

    /** Whether the last read left nothing in the socket. */
    private boolean emptied;

    /** The shared buffer, filled up to its writer index. Owned by this object. */
    private @Nullable ByteBuf sharedBuffer;

    /** The shared buffer into which the current read writes. Not owned by this object. */
    private @Nullable ByteBuf currentTarget;

    /** @param channel of the connection */
    public ReadBuffers(Channel channel, DirectMemory memory) {
        this.channel = channel;
        this.memory = memory;
    }

    /**
     * Sets whether the data of the next reads is going to be held. While it is, this object owns a buffer, so the last
     * call must be with {@code false}.
     */
    public void setHolding(boolean hold) {
        holding = hold;
        if (!hold) {
            releaseShared();
        }
    }

    /**
     * Returns whether the socket contained so few bytes, or fewer, and was emptied. Call when the reads of the socket
     * are complete.
     */
    public boolean hasEmptied(int maxBytes) {
        return emptied && bytesRead <= maxBytes;
    }

    private void releaseShared() {
        if (sharedBuffer != null) {
            sharedBuffer.release();
            sharedBuffer = null;
        }
    }

    private boolean hasRemainder() {
        return sharedBuffer != null && sharedBuffer.writableBytes() >= MIN_READ_BYTES;
    }

    /** Returns the unused rest of the shared buffer, or a new shared buffer. */
    private ByteBuf remainder(ByteBufAllocator allocator) {
        if (!hasRemainder()) {
            releaseShared();
            sharedBuffer = allocator.directBuffer(SHARED_BYTES, SHARED_BYTES);
        }
        currentTarget = sharedBuffer;
        return sharedBuffer
                .retainedSlice(sharedBuffer.writerIndex(), sharedBuffer.writableBytes())
                .setIndex(0, 0);
    }

    private void onFilled(int bytes) {
        // Since the read began, the shared buffer may have been released.
        if (bytes > 0 && currentTarget != null && currentTarget == sharedBuffer) {
            sharedBuffer.writerIndex(sharedBuffer.writerIndex() + bytes);
        }
        currentTarget = null;
    }

    // Netty's transports require ExtendedHandle, which extends the deprecated interface Handle.
    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return new ReadHandle((ExtendedHandle) Transport.READ_SIZES.newHandle());
    }

    @SuppressWarnings("deprecation")
    private final class ReadHandle extends DelegatingHandle implements ExtendedHandle {

        private final ExtendedHandle handle;

        // Of the connection's loop, because the loop creates the handle.
        private final LoopActivity activity = LoopActivity.ofThisLoop();
        private final LastReads lastReads = LastReads.ofThisLoop();
        private final TurnLimit.Turn turn = TurnLimit.Turn.ofThisLoop();

        ReadHandle(ExtendedHandle handle) {
            super(handle);
            this.handle = handle;
        }

        @Override
        public void reset(ChannelConfig config) {
            bytesRead = 0;
            emptied = false;
            handle.reset(config);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            try {
                boolean isShort = memory.isShort();
                if (holding && (hasRemainder() || !isShort)) {
                    return remainder(allocator);
                }
                return isShort ? allocator.directBuffer(MIN_READ_BYTES) : handle.allocate(allocator);
            } catch (OutOfMemoryError e) {
                // With io_uring, an error that leaves this method would end the event loop.
                memory.onFailure(e);
                channel.eventLoop().execute(() -> channel.pipeline().fireExceptionCaught(e));
                return lastReads.next();
            }
        }

        @Override
        public void lastBytesRead(int bytes) {
            activity.increment();
            if (bytes > 0) {
                bytesRead += bytes;
                emptied = bytes < attemptedBytesRead();
            }
            onFilled(bytes);
            handle.lastBytesRead(bytes);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            // Otherwise the transport would read up to 16 buffers without a request that TurnLimit can defer.
            return !turn.isFull() && handle.continueReading(maybeMore);
        }
    }
}

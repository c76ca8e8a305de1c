package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/*
 * A read gets a buffer before anybody knows how much there is to read. A client that sends a KiB at a time fills a quarter of
 * each; that does not matter where what is read is passed on at once, and is four times the memory where it is held. To copy it
 * together would be to copy bodies. So the next read goes into what is left of the last one's buffer.
 */

/**
 * The buffers that the reads of one connection go into: of {@link Transport#READ_SIZES} each, or, while what is read is held,
 * parts of larger ones that are filled to their ends. Confined to the connection's loop.
 */
public final class ReadBuffers implements RecvByteBufAllocator {

    /** Large enough that its end, which is not filled, does not count; and a connection may have this much of it unused. */
    private static final int SHARED_BYTES = 64 * 1024;

    /** Less room than this is not worth a read. */
    private static final int MIN_READ_BYTES = 1024;

    private boolean holding;

    /** The buffer that is being filled, up to its writer index; owned. */
    private @Nullable ByteBuf sharedBuffer;

    /** The one that the present read goes into. Not owned. */
    private @Nullable ByteBuf currentTarget;

    /**
     * Whether what is read from now on is going to be held. While it is, a buffer is owned: to be called with {@code false} in
     * the end.
     */
    public void setHolding(boolean hold) {
        holding = hold;
        if (!hold) {
            releaseShared();
        }
    }

    private void releaseShared() {
        if (sharedBuffer != null) {
            sharedBuffer.release();
            sharedBuffer = null;
        }
    }

    /** What is left of the shared buffer, or a new one. */
    private ByteBuf remainder(ByteBufAllocator allocator) {
        if (sharedBuffer == null || sharedBuffer.writableBytes() < MIN_READ_BYTES) {
            releaseShared();
            sharedBuffer = allocator.directBuffer(SHARED_BYTES, SHARED_BYTES);
        }
        currentTarget = sharedBuffer;
        return sharedBuffer
                .retainedSlice(sharedBuffer.writerIndex(), sharedBuffer.writableBytes())
                .setIndex(0, 0);
    }

    private void onFilled(int bytes) {
        // It may have been let go since the read began.
        if (bytes > 0 && currentTarget != null && currentTarget == sharedBuffer) {
            sharedBuffer.writerIndex(sharedBuffer.writerIndex() + bytes);
        }
        currentTarget = null;
    }

    // Netty's transports ask for the interface that extends the deprecated one.
    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return new ReadHandle((ExtendedHandle) Transport.READ_SIZES.newHandle());
    }

    @SuppressWarnings("deprecation")
    private final class ReadHandle extends DelegatingHandle implements ExtendedHandle {

        private final ExtendedHandle handle;

        ReadHandle(ExtendedHandle handle) {
            super(handle);
            this.handle = handle;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return holding ? remainder(allocator) : handle.allocate(allocator);
        }

        @Override
        public void lastBytesRead(int bytes) {
            onFilled(bytes);
            handle.lastBytesRead(bytes);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return handle.continueReading(maybeMore);
        }
    }
}

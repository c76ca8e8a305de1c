package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;

/*
 * A transport needs a buffer for a read that has begun. Without a buffer, Netty's io_uring transport ends its event
 * loop. The buffer needs space, because a read of 0 bytes means the end of the input.
 */

/**
 * Buffers for reads for which nothing could be allocated, and after which the connection is closed. Their memory is
 * allocated in advance. Confined to one event loop.
 */
final class LastReads {

    private static final int BYTES = 16;

    /**
     * Number of buffers. After that number of failed allocations, the first buffer is used again. Its connection has
     * been closed by then, because the loop closes such a connection before the next reads.
     */
    private static final int COUNT = 4096;

    private static final FastThreadLocal<LastReads> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected LastReads initialValue() {
            return new LastReads();
        }
    };

    private final ByteBuf memory = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BYTES * COUNT));
    private int used;

    private LastReads() {}

    /** Returns the buffers of the event loop that runs on the current thread. Call before memory is short. */
    static LastReads ofThisLoop() {
        return OF_LOOP.get();
    }

    /** Returns an empty buffer with space for a few bytes, which the caller owns. */
    ByteBuf next() {
        int start = Math.floorMod(used++, COUNT) * BYTES;
        return memory.retainedSlice(start, BYTES).clear();
    }
}

package io.crowfly.balancer.content.json;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * View of a chunk as NIO buffers in little-endian order, for scanners.
 *
 * <p>The JIT compiler turns a read of a NIO buffer into one instruction with one check. A read of a slice of a pooled
 * {@link ByteBuf} takes 8 to 13 ns, because every read passes three objects with checks of their own.
 */
public final class ChunkView {

    private ChunkView() {}

    /**
     * Passes the chunk's readable bytes to the scanner, in order: as one buffer, or as one per part of a composite.
     * Borrows the chunk for this call. The scanner must use absolute positions from 0 to the limit, and must not keep
     * the buffers: they point to the chunk's memory and do not count references.
     */
    public static void scan(ByteBuf chunk, Consumer<ByteBuffer> scanner) {
        if (!chunk.isReadable()) {
            return;
        }
        if (chunk.nioBufferCount() == 1) {
            scanner.accept(littleEndian(chunk.nioBuffer()));
            return;
        }
        for (ByteBuffer part : chunk.nioBuffers()) {
            scanner.accept(littleEndian(part));
        }
    }

    /** Returns a view of the array in the order that {@link ByteSearch} needs. */
    public static ByteBuffer of(byte[] bytes) {
        return littleEndian(ByteBuffer.wrap(bytes));
    }

    private static ByteBuffer littleEndian(ByteBuffer bytes) {
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }
}

package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A body cut into pieces, each in a buffer that a scanner must leave as it found it. */
final class Chunks {

    /** Without a leak detector, which would take most of the time: a reference that is kept shows at once. */
    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    private Chunks() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param sizes taken in turn, again and again */
    static void feed(byte[] body, int[] sizes, Consumer<ByteBuf> scan) {
        for (int from = 0, turn = 0; from < body.length; turn++) {
            int size = Math.min(sizes[turn % sizes.length], body.length - from);
            feed(body, from, size, scan);
            from += size;
        }
    }

    private static void feed(byte[] body, int from, int size, Consumer<ByteBuf> scan) {
        // Bytes outside of the readable ones would show at once if they were read: they close every string.
        ByteBuf chunk = ALLOCATOR
                .directBuffer(size + 2)
                .writeByte('"')
                .writeBytes(body, from, size)
                .writeByte('"');
        chunk.readerIndex(1).writerIndex(size + 1);
        try {
            scan.accept(chunk);
            if (chunk.refCnt() != 1 || chunk.readerIndex() != 1 || chunk.writerIndex() != size + 1) {
                throw new AssertionError("the scanner changed the chunk: " + chunk);
            }
        } finally {
            chunk.release();
        }
    }
}

package io.crowfly.balancer.content.json;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Body cut into chunks, each in a buffer that a scanner must not change. */
public final class Chunks {

    /** Without a leak detector, which would take most of the time. A kept reference is detected after each call. */
    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    private Chunks() {}

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param sizes of the chunks, repeated in a cycle */
    public static void feed(byte[] body, int[] sizes, Consumer<ByteBuf> scan) {
        for (int from = 0, turn = 0; from < body.length; turn++) {
            int size = Math.min(sizes[turn % sizes.length], body.length - from);
            feed(body, from, size, scan);
            from += size;
        }
    }

    private static void feed(byte[] body, int from, int size, Consumer<ByteBuf> scan) {
        // A scanner that reads outside the readable bytes is detected, because these bytes close every string.
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

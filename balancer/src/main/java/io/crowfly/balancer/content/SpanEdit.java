package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/**
 * Replaces one span of a body by other bytes while the body passes. Everything else passes by reference: the chunks that came,
 * or slices of them; only the new bytes are written anywhere.
 *
 * <p>One passage uses it up: each attempt needs its own. Used on one event loop.
 */
public final class SpanEdit {

    private final long start;
    private final long end;
    private final byte[] replacement;

    /** Offset in the body of the next byte to come. */
    private long offset;

    private boolean replaced;

    /**
     * @param start offset in the body of the first byte that gives way
     * @param end offset after the last one; {@code start} to insert only
     * @param replacement must not be changed any more
     */
    public SpanEdit(long start, long end, byte[] replacement) {
        this.start = start;
        this.end = end;
        this.replacement = replacement;
    }

    /** By how many bytes the body grows; negative if it shrinks. */
    public long delta() {
        return replacement.length - (end - start);
    }

    /**
     * Takes the body's next chunk and gives what it has become, in up to three pieces. Takes ownership of the chunk, whose
     * reader index it may move, and leaves that of the pieces to the receiver, even one that throws.
     */
    public void pass(ByteBuf chunk, Consumer<ByteBuf> out) {
        long from = offset;
        offset += chunk.readableBytes();
        if (offset < start || replaced && from >= end) {
            out.accept(chunk);
        } else {
            edit(chunk, from, out);
        }
    }

    private void edit(ByteBuf chunk, long from, Consumer<ByteBuf> out) {
        boolean givenAway = false;
        try {
            if (from < start) {
                out.accept(chunk.readRetainedSlice((int) (start - from)));
            }
            if (!replaced) {
                replaced = true;
                out.accept(replacement(chunk.alloc()));
            }
            chunk.skipBytes((int) (Math.min(end, offset) - Math.max(start, from)));
            if (chunk.isReadable()) {
                givenAway = true;
                out.accept(chunk);
            }
        } finally {
            if (!givenAway) {
                chunk.release();
            }
        }
    }

    private ByteBuf replacement(ByteBufAllocator allocator) {
        // Direct, as a socket wants it.
        return allocator.directBuffer(replacement.length).writeBytes(replacement);
    }
}

package io.crowfly.balancer.content.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/**
 * Edit that replaces one span of a request body (the model's name) while the body is sent. All other bytes are sent by
 * reference, as the received chunks or slices of them. Only the replacement is written to new memory.
 *
 * <p>An edit is for one passage of the body, so each attempt needs its own. Used on one event loop.
 */
public final class SpanEdit {

    private final long start;
    private final long end;
    private final byte[] replacement;

    /** Offset in the body of the next chunk's first byte. */
    private long offset;

    private boolean replaced;

    /**
     * @param start offset in the body of the first byte to replace
     * @param end offset after the last byte to replace; equal to {@code start} for an insertion
     * @param replacement must not be changed afterwards
     */
    public SpanEdit(long start, long end, byte[] replacement) {
        this.start = start;
        this.end = end;
        this.replacement = replacement;
    }

    /** Returns the number of bytes by which the body grows; negative if it shrinks. */
    public long delta() {
        return replacement.length - (end - start);
    }

    /**
     * Edits the body's next chunk and passes it to {@code out} in up to three pieces. Takes ownership of the chunk and
     * may move its reader index. {@code out} gets the ownership of each piece, even if {@code out} throws.
     */
    public void apply(ByteBuf chunk, Consumer<ByteBuf> out) {
        long from = offset;
        offset += chunk.readableBytes();
        if (offset < start || replaced && from >= end) {
            out.accept(chunk);
        } else {
            edit(chunk, from, out);
        }
    }

    private void edit(ByteBuf chunk, long from, Consumer<ByteBuf> out) {
        boolean passedOn = false;
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
                passedOn = true;
                out.accept(chunk);
            }
        } finally {
            if (!passedOn) {
                chunk.release();
            }
        }
    }

    private ByteBuf replacement(ByteBufAllocator allocator) {
        // The buffer is in direct memory, because a socket write would copy heap memory.
        return allocator.directBuffer(replacement.length).writeBytes(replacement);
    }
}

package io.crowfly.balancer.message;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * A piece is a slice of the buffer that a read filled. Even a small piece keeps that whole buffer in memory. An
 * ordinary body has a few pieces, or large ones. A body of a thousand chunks of one byte would keep a thousand buffers.
 * So if there are many pieces, small ones are copied into separate buffers. These are the only body bytes that are ever
 * copied, and no ordinary peer sends such a body. The separate buffers are small, because each large piece ends the
 * current one.
 */

/** Pieces of a body in their order, held by reference. Owns the held buffers. */
public final class HeldPieces {

    /**
     * Number of pieces up to which small pieces are not copied. One more is allowed for each {@link #SMALL_BYTES} of
     * the body.
     */
    private static final int MIN_UNCOPIED_PIECES = 64;

    /**
     * Size up to which a piece counts as small. Half a KiB: clients that stream generated data send 1 KiB chunks, and a
     * read may split each into two.
     */
    private static final int SMALL_BYTES = 512;

    private static final int GATHERED_BYTES = 8 * SMALL_BYTES;

    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>(2);
    private long bytes;

    /** Whether the last piece is a buffer for copies of small pieces, which may have space left. */
    private boolean gathering;

    /** Takes ownership of the piece. */
    public void hold(ByteBuf piece) {
        bytes += piece.readableBytes();
        // The end of a large chunk may arrive as a small piece. A larger body may therefore have more pieces before
        // small ones are copied.
        if (piece.readableBytes() > SMALL_BYTES || pieces.size() < MIN_UNCOPIED_PIECES + bytes / SMALL_BYTES) {
            pieces.add(piece);
            gathering = false;
        } else {
            gather(piece);
        }
    }

    private void gather(ByteBuf piece) {
        try {
            if (!gathering || pieces.getLast().writableBytes() < piece.readableBytes()) {
                // The capacity is fixed, so that the buffer is never moved while a duplicate of it exists.
                pieces.add(piece.alloc().directBuffer(GATHERED_BYTES, GATHERED_BYTES));
                gathering = true;
            }
            pieces.getLast().writeBytes(piece);
        } finally {
            piece.release();
        }
    }

    /** Returns the number of held bytes. */
    public long bytes() {
        return bytes;
    }

    /**
     * Passes a retained duplicate of each piece to the receiver, which then owns the duplicate. The pieces stay held.
     */
    public void replayTo(Consumer<ByteBuf> receiver) {
        for (ByteBuf piece : pieces) {
            receiver.accept(piece.retainedDuplicate());
        }
    }

    /** Removes and returns the first piece, which the caller then owns; null if there is none. */
    public @Nullable ByteBuf poll() {
        ByteBuf piece = pieces.poll();
        if (piece != null) {
            bytes -= piece.readableBytes();
            gathering &= !pieces.isEmpty();
        }
        return piece;
    }

    /** Copies all held bytes. For a few bytes that are needed as a whole. */
    public byte[] copy() {
        byte[] all = new byte[(int) bytes];
        int offset = 0;
        for (ByteBuf piece : pieces) {
            piece.getBytes(piece.readerIndex(), all, offset, piece.readableBytes());
            offset += piece.readableBytes();
        }
        return all;
    }

    public void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        gathering = false;
        bytes = 0;
    }
}

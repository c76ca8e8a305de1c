package io.crowfly.balancer.message;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * A piece is a slice of the buffer that a read filled. Even a small piece keeps that whole buffer in memory. An
 * ordinary message has a few pieces, or large ones. A message of a thousand pieces of one byte would keep a thousand
 * buffers. So if there are many pieces, small ones are copied into separate buffers. These are the only body bytes that
 * are ever copied, and no ordinary peer sends such a body. The separate buffers are small, because each large piece
 * ends the current one.
 */

/**
 * Pieces of data that are held by reference, in the order of their arrival. However small the pieces are, they need
 * memory in the order of their bytes. Owns the pieces.
 */
public final class HeldPieces {

    /**
     * Number of pieces up to which small pieces are not copied. One more is allowed for each {@link #SMALL_BYTES} of
     * the data.
     */
    private static final int MIN_UNCOPIED_PIECES = 64;

    /**
     * Size up to which a piece counts as small. Half a KiB: clients that stream generated data send 1 KiB chunks, and a
     * read may split each into two.
     */
    private static final int SMALL_BYTES = 512;

    private static final int GATHERED_BYTES = 8 * SMALL_BYTES;

    private final Deque<ByteBuf> pieces = new ArrayDeque<>(2);
    private long bytes;

    /** The buffer for copies of small pieces, if it is the last piece. It may have space left. */
    private @Nullable ByteBuf gathered;

    /** Adds a piece. Takes ownership of the piece. */
    public void add(ByteBuf piece) {
        bytes += piece.readableBytes();
        // The end of a large chunk may arrive as a small piece. More data may therefore have more pieces before small
        // ones are copied.
        if (piece.readableBytes() > SMALL_BYTES || pieces.size() < MIN_UNCOPIED_PIECES + bytes / SMALL_BYTES) {
            pieces.add(piece);
            gathered = null;
        } else {
            gather(piece);
        }
    }

    private void gather(ByteBuf piece) {
        try {
            ByteBuf target = gathered;
            if (target == null || target.writableBytes() < piece.readableBytes()) {
                // The capacity is fixed, so that the buffer is never moved while a duplicate of it exists.
                target = piece.alloc().directBuffer(GATHERED_BYTES, GATHERED_BYTES);
                pieces.add(target);
                gathered = target;
            }
            target.writeBytes(piece);
        } finally {
            piece.release();
        }
    }

    /** Returns how many bytes have been added since the last {@link #release}. */
    public long bytes() {
        return bytes;
    }

    /** Passes each piece to the receiver. The pieces stay held, and this object keeps their ownership. */
    public void forEach(Consumer<ByteBuf> receiver) {
        pieces.forEach(receiver);
    }

    /** Removes and returns the next piece, which the caller then owns; null if there is none. */
    public @Nullable ByteBuf poll() {
        ByteBuf piece = pieces.poll();
        if (piece == gathered) {
            gathered = null;
        }
        return piece;
    }

    /** Returns the held data as text. The pieces are joined, because a character may be split between two of them. */
    public String toString(Charset charset) {
        return new String(toByteArray(), charset);
    }

    /** Returns a copy of the held data. */
    public byte[] toByteArray() {
        byte[] all = new byte[pieces.stream().mapToInt(ByteBuf::readableBytes).sum()];
        int offset = 0;
        for (ByteBuf piece : pieces) {
            piece.getBytes(piece.readerIndex(), all, offset, piece.readableBytes());
            offset += piece.readableBytes();
        }
        return all;
    }

    /** Releases all pieces. */
    public void release() {
        for (ByteBuf piece; (piece = poll()) != null; ) {
            piece.release();
        }
        bytes = 0;
    }
}

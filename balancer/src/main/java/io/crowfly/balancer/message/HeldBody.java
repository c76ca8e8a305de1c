package io.crowfly.balancer.message;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/*
 * A piece is a slice of the buffer that a read filled. Even a small piece keeps that whole buffer in memory. An
 * ordinary request has a few pieces, or large ones. A request of a thousand chunks of one byte would keep a thousand
 * buffers. So if there are many pieces, small ones are copied into separate buffers. These are the only body bytes that
 * are ever copied, and no ordinary client sends such a body. The separate buffers are small, because each large piece
 * ends the current one.
 */

/**
 * The received part of a request's body, held by reference while it may have to be sent: until a backend is selected
 * and connected, and for a retry if that backend fails before its response. Owns the held buffers and reserves memory
 * for them.
 */
public final class HeldBody {

    /**
     * Size up to which a body is held without a reservation of memory. Nearly every body is smaller, and a connection
     * costs much more.
     */
    public static final int FREE_BYTES = 64 * 1024;

    /** Memory that is reserved at once for a larger body of unknown size. */
    static final int MEDIUM_BYTES = 1 << 20;

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

    private final HeldMemory memory;
    private final List<ByteBuf> pieces = new ArrayList<>(2);
    private long reserved;
    private long bytes;
    private boolean whole = true;

    /** Whether the last piece is a buffer for copies of small pieces, which may have space left. */
    private boolean gathering;

    HeldBody(HeldMemory memory) {
        this.memory = memory;
    }

    /**
     * Reserves the memory for a body of this size, unless the body is small or already has the reservation. While
     * direct memory is short, a body without a reservation may not be held.
     *
     * @param size in bytes
     * @param limit in bytes, for all held bodies together
     * @return whether the memory is available
     */
    public boolean reserve(long size, long limit) {
        if (size <= FREE_BYTES) {
            return !memory.isShort();
        } else if (size > reserved) {
            if (!memory.tryReserve(size - reserved, limit)) {
                return false;
            }
            reserved = size;
        }
        return true;
    }

    /** Returns whether memory is reserved for the body. */
    public boolean isReserved() {
        return reserved > 0;
    }

    /** Adds a piece of the body. Takes ownership of the piece. */
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
            if (!gathering || pieces.get(pieces.size() - 1).writableBytes() < piece.readableBytes()) {
                // The capacity is fixed, so that the buffer is never moved while a duplicate of it exists.
                pieces.add(piece.alloc().directBuffer(GATHERED_BYTES, GATHERED_BYTES));
                gathering = true;
            }
            pieces.get(pieces.size() - 1).writeBytes(piece);
        } finally {
            piece.release();
        }
    }

    public long bytes() {
        return bytes;
    }

    /** Returns whether all received data is still held. */
    public boolean isWhole() {
        return whole;
    }

    /**
     * Passes a retained duplicate of each piece to the receiver, which then owns the duplicate. The pieces stay held.
     */
    public void replayTo(Consumer<ByteBuf> receiver) {
        for (ByteBuf piece : pieces) {
            receiver.accept(piece.retainedDuplicate());
        }
    }

    /** Releases all pieces and their reservation. After this call the body can't be sent again. */
    public void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        gathering = false;
        memory.release(reserved);
        reserved = 0;
        bytes = 0;
        whole = false;
    }
}

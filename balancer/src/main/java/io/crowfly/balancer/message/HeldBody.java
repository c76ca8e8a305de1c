package io.crowfly.balancer.message;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

    private final HeldMemory memory;

    /** Null until the first piece, because many requests have no body. */
    private @Nullable HeldPieces pieces;

    private long reserved;
    private boolean whole = true;

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
        if (pieces == null) {
            pieces = new HeldPieces();
        }
        pieces.hold(piece);
    }

    public long bytes() {
        return pieces == null ? 0 : pieces.bytes();
    }

    /** Returns whether all received data is still held. */
    public boolean isWhole() {
        return whole;
    }

    /**
     * Passes a retained duplicate of each piece to the receiver, which then owns the duplicate. The pieces stay held.
     */
    public void replayTo(Consumer<ByteBuf> receiver) {
        if (pieces != null) {
            pieces.replayTo(receiver);
        }
    }

    /** Releases all pieces and their reservation. After this call the body can't be sent again. */
    public void release() {
        if (pieces != null) {
            pieces.release();
        }
        if (reserved > 0) {
            memory.release(reserved);
            reserved = 0;
        }
        whole = false;
    }
}

package io.crowfly.balancer.exchange;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/*
 * A piece is a slice of the buffer that a read filled, and holds all of it however small it is. An ordinary request has a
 * few pieces, or large ones; one that comes as a thousand chunks of a byte each would hold a thousand buffers. So where
 * there are many, small pieces are gathered in buffers of our own: the only body bytes that are ever copied, and no honest
 * client's. Those buffers are small too, since a large piece in between ends one and another is begun.
 */

/**
 * What has come of a request's body, held by reference while it may have to be sent: until a backend is chosen and
 * connected, and again should that one fail before it answers. Owns what it holds.
 */
final class HeldBody {

    /** So much of a body is held without asking: what nearly every request has, and a small part of what a connection costs. */
    static final int FREE_BYTES = 64 * 1024;

    /** What is set aside at once for a body that turns out to be larger, and nobody knows how large. */
    static final int MODEST_BYTES = 1 << 20;

    /** Pieces that are held as they came, whatever their size; and as many more as all of it would be in small ones. */
    private static final int LOOSE_PIECES = 64;

    /** Half of a KiB: clients that stream what they make send one at a time, and reads may cut each in two. */
    private static final int SMALL_BYTES = 512;

    private static final int GATHERED_BYTES = 8 * SMALL_BYTES;

    private final HeldMemory memory;
    private final List<ByteBuf> pieces = new ArrayList<>(2);
    private long reserved;
    private long bytes;
    private boolean whole = true;

    /** Whether the last piece is a buffer of our own with room in it. */
    private boolean gathering;

    HeldBody(HeldMemory memory) {
        this.memory = memory;
    }

    /**
     * Makes sure of the memory for a body of so many bytes, if it is worth asking.
     *
     * @param limit of all bodies that are held
     * @return whether there is as much
     */
    boolean reserve(long size, long limit) {
        if (size > FREE_BYTES && size > reserved) {
            if (!memory.take(size - reserved, limit)) {
                return false;
            }
            reserved = size;
        }
        return true;
    }

    /** Takes ownership. */
    void hold(ByteBuf piece) {
        bytes += piece.readableBytes();
        // The end of a large chunk is small as well where a read cut it off: hence by what there is in all.
        if (piece.readableBytes() > SMALL_BYTES || pieces.size() < LOOSE_PIECES + bytes / SMALL_BYTES) {
            pieces.add(piece);
            gathering = false;
        } else {
            gather(piece);
        }
    }

    private void gather(ByteBuf piece) {
        try {
            if (!gathering || pieces.get(pieces.size() - 1).writableBytes() < piece.readableBytes()) {
                // Of fixed size: it is never moved while somebody has a duplicate of it.
                pieces.add(piece.alloc().directBuffer(GATHERED_BYTES, GATHERED_BYTES));
                gathering = true;
            }
            pieces.get(pieces.size() - 1).writeBytes(piece);
        } finally {
            piece.release();
        }
    }

    long bytes() {
        return bytes;
    }

    /** Whether everything that came is still here. */
    boolean isWhole() {
        return whole;
    }

    /** Gives the receiver a reference of its own to each piece; they stay held. */
    void replayTo(Consumer<ByteBuf> receiver) {
        for (ByteBuf piece : pieces) {
            receiver.accept(piece.retainedDuplicate());
        }
    }

    /** From here on the body can't be sent again. */
    void letGo() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        gathering = false;
        memory.giveBack(reserved);
        reserved = 0;
        bytes = 0;
        whole = false;
    }
}

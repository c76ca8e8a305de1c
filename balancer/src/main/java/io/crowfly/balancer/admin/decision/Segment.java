package io.crowfly.balancer.admin.decision;

import java.util.Arrays;

/**
 * Block of memory to which one event loop appends entries, until the block is full. Each entry has its size (four
 * bytes), its kind (one byte) and its content. Entries refer to earlier entries of the same segment by their offset.
 */
final class Segment {

    /** Size of a segment. The largest entry, a list of candidates, needs less than half of it. */
    static final int BYTES = 128 * 1024;

    private static final int HEADER_BYTES = 5;

    /** Kind of an entry. */
    enum Kind {
        /** A text that several other entries contain. */
        NAME,
        /** A list of candidates, shared by all decisions that were made from it. */
        CANDIDATES,
        DECISION
    }

    private static final Kind[] KINDS = Kind.values();

    private final byte[] bytes;
    private int end;

    Segment() {
        this(new byte[BYTES], 0);
    }

    private Segment(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /**
     * Appends an entry.
     *
     * @return the offset of its content; -1 if the segment is full
     */
    int append(Kind kind, ByteSink content) {
        int at = end + HEADER_BYTES;
        if (at + content.length() > bytes.length) {
            return -1;
        }
        int length = content.length();
        bytes[end] = (byte) (length >> 24);
        bytes[end + 1] = (byte) (length >> 16);
        bytes[end + 2] = (byte) (length >> 8);
        bytes[end + 3] = (byte) length;
        bytes[end + 4] = (byte) kind.ordinal();
        content.copyTo(bytes, at);
        end = at + length;
        return at;
    }

    /** Removes all entries. */
    void clear() {
        end = 0;
    }

    /** Returns a segment with the same entries, for another thread. */
    Segment copy() {
        return new Segment(Arrays.copyOf(bytes, end), end);
    }

    ByteSource at(int offset) {
        return new ByteSource(bytes, offset);
    }

    /** Consumer of the offsets of entries. */
    interface OffsetConsumer {
        void accept(int offset);
    }

    /** Calls the consumer with the offset of each decision, the oldest first. */
    void forEachDecision(OffsetConsumer consumer) {
        for (int at = 0; at < end; ) {
            int length = (bytes[at] & 0xff) << 24
                    | (bytes[at + 1] & 0xff) << 16
                    | (bytes[at + 2] & 0xff) << 8
                    | bytes[at + 3] & 0xff;
            if (KINDS[bytes[at + 4]] == Kind.DECISION) {
                consumer.accept(at + HEADER_BYTES);
            }
            at += HEADER_BYTES + length;
        }
    }
}

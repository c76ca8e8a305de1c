package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBuf;

/**
 * Finds a Close frame among the frames of a client (RFC 6455 section 5.2), which pass by undecoded. Reads only the
 * headers of frames. A header may be split between two pieces.
 */
final class CloseFrameFinder {

    private static final int OPCODE_BITS = 0x0f;
    private static final int CLOSE = 0x8;
    private static final int MASKED = 0x80;
    private static final int LENGTH_BITS = 0x7f;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final int LENGTH_IN_8_BYTES = 127;
    private static final int MASK_BYTES = 4;

    private enum Next {
        OPCODE,
        LENGTH,
        LONGER_LENGTH
    }

    private Next next = Next.OPCODE;
    private boolean masked;

    /** Bytes of a longer length that are still missing. */
    private int lengthBytes;

    private long length;

    /** Bytes to skip until the next header: the mask and the payload. */
    private long skip;

    /** Returns whether a Close frame begins in the next piece. The caller keeps ownership of the piece. */
    boolean isIn(ByteBuf piece) {
        int end = piece.writerIndex();
        for (int i = piece.readerIndex(); i < end; ) {
            if (skip > 0) {
                int skipped = (int) Math.min(skip, end - i);
                skip -= skipped;
                i += skipped;
            } else if (isClose(piece.getUnsignedByte(i++))) {
                return true;
            }
        }
        return false;
    }

    private boolean isClose(int headerByte) {
        switch (next) {
            case OPCODE -> {
                if ((headerByte & OPCODE_BITS) == CLOSE) {
                    return true;
                }
                next = Next.LENGTH;
            }
            case LENGTH -> onLength(headerByte);
            case LONGER_LENGTH -> {
                length = length << Byte.SIZE | headerByte;
                if (--lengthBytes == 0) {
                    onHeaderEnd();
                }
            }
        }
        return false;
    }

    private void onLength(int headerByte) {
        masked = (headerByte & MASKED) != 0;
        length = headerByte & LENGTH_BITS;
        if (length >= LENGTH_IN_2_BYTES) {
            lengthBytes = length == LENGTH_IN_8_BYTES ? Long.BYTES : Short.BYTES;
            length = 0;
            next = Next.LONGER_LENGTH;
        } else {
            onHeaderEnd();
        }
    }

    private void onHeaderEnd() {
        // A length with the highest bit set is invalid. Nothing after it can be read.
        skip = length < 0 ? Long.MAX_VALUE : length + (masked ? MASK_BYTES : 0);
        next = Next.OPCODE;
    }
}

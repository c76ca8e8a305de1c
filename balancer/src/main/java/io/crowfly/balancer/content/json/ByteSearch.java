package io.crowfly.balancer.content.json;

import java.nio.ByteBuffer;

/**
 * Search in a body, eight bytes at a time, for the end of a line or of the plain characters in a JSON string. Speed
 * matters because most bytes of a body are prompts and base64 images, in which nothing is to be found.
 *
 * <p>The tests for a zero byte and for a byte below a limit within a word come from Anderson's "Bit Twiddling Hacks"
 * and from Warren's "Hacker's Delight", section 6-1. A borrow can set a wrong mark only above a correctly marked byte,
 * so the lowest mark is exact. The buffers must be in little-endian order, as those of {@link ChunkView} are: then the
 * lowest mark is the first byte in the buffer.
 */
public final class ByteSearch {

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    /**
     * Bytes below this limit are candidates for a line end. Both characters that end a line are below it, and few other
     * characters that a line may contain.
     */
    private static final long LIMITS = ('\r' + 1) * ONES;

    private static final long SPACES = ' ' * ONES;

    private ByteSearch() {}

    /**
     * Returns the index of the first quote, backslash or control character from {@code from} on; {@code to} if there is
     * none.
     */
    static int plainTextEnd(ByteBuffer in, int from, int to) {
        int index = from;
        for (; index <= to - Long.BYTES; index += Long.BYTES) {
            long word = in.getLong(index);
            long quote = word ^ QUOTES;
            long backslash = word ^ BACKSLASHES;
            long marks =
                    ((quote - ONES & ~quote) | (backslash - ONES & ~backslash) | (word - SPACES & ~word)) & HIGH_BITS;
            if (marks != 0) {
                return index + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        for (; index < to; index++) {
            byte b = in.get(index);
            if (b == '"' || b == '\\' || b >= 0 && b < ' ') {
                return index;
            }
        }
        return to;
    }

    /**
     * Returns the index of the first carriage return or line feed from {@code from} on; {@code to} if there is none.
     */
    public static int lineEnd(ByteBuffer in, int from, int to) {
        int index = from;
        while (index <= to - Long.BYTES) {
            long word = in.getLong(index);
            long marks = word - LIMITS & ~word & HIGH_BITS;
            if (marks == 0) {
                index += Long.BYTES;
                continue;
            }
            index += Long.numberOfTrailingZeros(marks) >>> 3;
            if (endsLine(in.get(index))) {
                return index;
            }
            index++;
        }
        while (index < to && !endsLine(in.get(index))) {
            index++;
        }
        return index;
    }

    private static boolean endsLine(byte b) {
        return b == '\n' || b == '\r';
    }
}

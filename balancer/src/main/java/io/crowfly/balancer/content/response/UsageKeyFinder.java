package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.ByteSearch;
import java.nio.ByteBuffer;

/**
 * Search for the object at the key {@code usage} in an event that is not parsed, in chunks cut anywhere. A match cannot
 * be inside a text, because quotes are escaped there.
 *
 * <p>The search looks for a quote before a u, eight bytes at a time as {@link ByteSearch} does. Few other keys and few
 * tokens begin so. After a partial match the search never goes back, because the only quote that can interrupt the
 * match is the one that ends the string.
 */
final class UsageKeyFinder {

    private static final byte[] KEY = {'"', 'u', 's', 'a', 'g', 'e', '"'};

    /**
     * Value of {@link #matched} after the whole key, where a colon is expected. {@link #BRACE}: after the colon, where
     * a brace is expected.
     */
    private static final int COLON = KEY.length;

    private static final int BRACE = COLON + 1;

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long QUOTES = '"' * ONES;
    private static final long LETTERS_U = 'u' * ONES;

    /** Number of the key's first bytes that the last bytes are equal to, or {@link #COLON} or {@link #BRACE}. */
    private int matched;

    void reset() {
        matched = 0;
    }

    /**
     * Searches for the object at the key.
     *
     * @return the index of the brace after the key, or -1 if there is none before {@code to}
     */
    int find(ByteBuffer in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = skipToCandidate(in, index, to);
            }
            byte b = in.get(index);
            if (matched == BRACE && b == '{') {
                matched = 0;
                return index;
            }
            matched = matchedAfter(b);
            index++;
        }
        return -1;
    }

    private int matchedAfter(byte b) {
        if (matched < KEY.length) {
            return b == KEY[matched] ? matched + 1 : 0;
        }
        if (b == ' ' || b == '\t' || b == '\n' || b == '\r') {
            return matched;
        }
        return matched == COLON && b == ':' ? BRACE : b == KEY[0] ? 1 : 0;
    }

    /**
     * Returns the index of the first quote that a u follows. If there is none, an index with at most eight bytes left.
     */
    private static int skipToCandidate(ByteBuffer in, int from, int to) {
        int index = from;
        for (; index < to - Long.BYTES; index += Long.BYTES - 1) {
            long word = in.getLong(index);
            long quote = word ^ QUOTES;
            long u = word ^ LETTERS_U;
            long marks = (quote - ONES & ~quote & HIGH_BITS) & (u - ONES & ~u & HIGH_BITS) >>> Byte.SIZE;
            if (marks != 0) {
                return index + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        return index;
    }
}

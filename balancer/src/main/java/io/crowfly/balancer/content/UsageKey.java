package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;

/**
 * Finds the object at the key {@code usage} in another without reading that one, cut anywhere: what is found cannot stand in a
 * text, where the quotes would be escaped.
 *
 * <p>It looks for a quote before a u, eight bytes at a step as {@link PlainText} does: few other keys begin so, and few tokens.
 * Nothing is gone back to after that: the only quote that what begins like the key can run into is the one that ends it.
 */
final class UsageKey {

    private static final byte[] KEY = {'"', 'u', 's', 'a', 'g', 'e', '"'};

    /** After the whole key, where the colon is awaited, and after that, where the brace is. */
    private static final int COLON = KEY.length;

    private static final int BRACE = COLON + 1;

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long QUOTES = '"' * ONES;
    private static final long US = 'u' * ONES;

    /** How many of the key's bytes the last ones agree with, or {@link #COLON} or {@link #BRACE}. */
    private int matched;

    void reset() {
        matched = 0;
    }

    /** @return the index of the brace behind the key, or -1 if it does not come before {@code to} */
    int find(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = skip(in, index, to);
            }
            byte b = in.getByte(index);
            if (matched == BRACE && b == '{') {
                matched = 0;
                return index;
            }
            matched = after(b);
            index++;
        }
        return -1;
    }

    private int after(byte b) {
        if (matched < KEY.length) {
            return b == KEY[matched] ? matched + 1 : 0;
        }
        if (b == ' ' || b == '\t' || b == '\n' || b == '\r') {
            return matched;
        }
        return matched == COLON && b == ':' ? BRACE : b == KEY[0] ? 1 : 0;
    }

    /** To the first quote before a u, or as far as there are eight bytes. */
    private static int skip(ByteBuf in, int from, int to) {
        int index = from;
        for (; index < to - Long.BYTES; index += Long.BYTES - 1) {
            long word = in.getLongLE(index);
            long quote = word ^ QUOTES;
            long u = word ^ US;
            long marks = (quote - ONES & ~quote & HIGH_BITS) & (u - ONES & ~u & HIGH_BITS) >>> Byte.SIZE;
            if (marks != 0) {
                return index + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        return index;
    }
}

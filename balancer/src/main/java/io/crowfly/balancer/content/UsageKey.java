package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Finds the key {@code "usage"} of a JSON object without reading the object, cut anywhere: what is found cannot stand in a
 * text, where the quotes would be escaped.
 *
 * <p>It looks at the last byte of a window and moves on by as much as that one allows, seven bytes mostly (Horspool,
 * "Practical fast searching in strings", 1980). Where the window does not fit, at a chunk's end, it goes byte by byte. Nothing
 * is gone back to: the only quote that what begins like the key can run into is the one that ends it.
 */
final class UsageKey {

    private static final byte[] KEY = {'"', 'u', 's', 'a', 'g', 'e', '"'};
    private static final int LAST = KEY.length - 1;

    /** By the window's last byte. */
    private static final byte[] SHIFTS = new byte[128];

    static {
        Arrays.fill(SHIFTS, (byte) KEY.length);
        for (int i = 0; i < LAST; i++) {
            SHIFTS[KEY[i]] = (byte) (LAST - i);
        }
    }

    /** How many of its bytes the last ones agree with; all of them while the colon is awaited. */
    private int matched;

    void reset() {
        matched = 0;
    }

    /** @return the index after the colon behind the key, or -1 if it does not come before {@code to} */
    int find(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = skip(in, index, to);
                if (index == to) {
                    return -1;
                }
            }
            byte b = in.getByte(index++);
            if (matched < KEY.length) {
                matched = b == KEY[matched] ? matched + 1 : 0;
            } else if (b == ':') {
                matched = 0;
                return index;
            } else if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                matched = 0;
            }
        }
        return -1;
    }

    /** To the first place where the key may begin, or where the window does not fit any more. */
    private static int skip(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to - LAST) {
            byte last = in.getByte(index + LAST);
            if (last == KEY[LAST] && in.getByte(index) == KEY[0]) {
                return index;
            }
            index += last < 0 ? KEY.length : SHIFTS[last];
        }
        return index;
    }
}

package io.crowfly.balancer.content;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The decoded content of one string, up to a limit: with the heads of a form's parts the only bytes of a body that are ever kept.
 *
 * <p>It is gathered as UTF-8, which is what the body holds already; only escapes need to be encoded.
 */
final class DecodedText {

    private static final int REPLACEMENT = 0xFFFD;

    /** All that a long holds, whichever they are. */
    private static final int MAX_DIGITS = 18;

    private final byte[] utf8;
    private int length;
    private boolean tooLong;

    /** The first half of a surrogate pair whose second half may follow, or 0. */
    private char high;

    /** @param limit in bytes of UTF-8 */
    DecodedText(int limit) {
        utf8 = new byte[limit];
    }

    void clear() {
        length = 0;
        tooLong = false;
        high = 0;
    }

    /** Takes a byte that stands in the body as it is. */
    void append(byte b) {
        flushUnpaired();
        put(b);
    }

    /** Takes the UTF-16 code unit of an escape. Half a surrogate pair on its own becomes U+FFFD: UTF-8 has no form for it. */
    void appendEscaped(char unit) {
        if (high != 0 && Character.isLowSurrogate(unit)) {
            int codePoint = Character.toCodePoint(high, unit);
            high = 0;
            encode(codePoint);
            return;
        }
        flushUnpaired();
        if (Character.isHighSurrogate(unit)) {
            high = unit;
        } else {
            encode(Character.isLowSurrogate(unit) ? REPLACEMENT : unit);
        }
    }

    /** Must be called once the string has ended, before it is read. */
    void end() {
        flushUnpaired();
    }

    boolean tooLong() {
        return tooLong;
    }

    /** Of what was kept, in bytes. */
    int length() {
        return length;
    }

    boolean startsWith(byte[] prefix) {
        return length >= prefix.length && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** Without spaces and control characters, too. */
    boolean isVisibleAscii() {
        for (int i = 0; i < length; i++) {
            if (utf8[i] <= ' ' || utf8[i] == 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Forgets the last bytes. */
    void drop(int bytes) {
        length -= bytes;
    }

    /** The number that it spells out in decimal digits alone, at most {@value MAX_DIGITS} of them, or -1. */
    long toCount() {
        if (tooLong || length == 0 || length > MAX_DIGITS) {
            return -1;
        }
        long count = 0;
        for (int i = 0; i < length; i++) {
            int digit = utf8[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            count = count * 10 + digit;
        }
        return count;
    }

    /** What was kept; invalid UTF-8 comes out as U+FFFD. */
    @Override
    public String toString() {
        return new String(utf8, 0, length, StandardCharsets.UTF_8);
    }

    private void flushUnpaired() {
        if (high != 0) {
            high = 0;
            encode(REPLACEMENT);
        }
    }

    private void encode(int codePoint) {
        if (codePoint < 0x80) {
            put(codePoint);
        } else if (codePoint < 0x800) {
            put(0xC0 | codePoint >> 6);
            put(0x80 | codePoint & 0x3F);
        } else if (codePoint < 0x10000) {
            put(0xE0 | codePoint >> 12);
            put(0x80 | codePoint >> 6 & 0x3F);
            put(0x80 | codePoint & 0x3F);
        } else {
            put(0xF0 | codePoint >> 18);
            put(0x80 | codePoint >> 12 & 0x3F);
            put(0x80 | codePoint >> 6 & 0x3F);
            put(0x80 | codePoint & 0x3F);
        }
    }

    private void put(int b) {
        if (length < utf8.length) {
            utf8[length++] = (byte) b;
        } else {
            tooLong = true;
        }
    }
}

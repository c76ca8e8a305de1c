package io.crowfly.balancer.content.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Buffer for the decoded content of one JSON string, up to a limit. Apart from the headers of form parts, these are the
 * only bytes of a body that a scanner keeps.
 *
 * <p>The content is collected as UTF-8, because the body is UTF-8 already and only escapes must be encoded.
 */
public final class DecodedText {

    private static final int REPLACEMENT = 0xFFFD;

    /** Maximum number of digits of a number, because every number of 18 digits fits into a long. */
    private static final int MAX_DIGITS = 18;

    private final byte[] utf8;
    private int length;
    private boolean tooLong;

    /** First half of a surrogate pair while its second half may follow; otherwise 0. */
    private char high;

    /** @param limit maximum length of the kept content, in bytes of UTF-8 */
    public DecodedText(int limit) {
        utf8 = new byte[limit];
    }

    public void clear() {
        length = 0;
        tooLong = false;
        high = 0;
    }

    /** Appends a byte of the body that is not part of an escape. */
    public void append(byte b) {
        flushUnpaired();
        put(b);
    }

    /**
     * Appends the UTF-16 code unit that an escape stands for. Half a surrogate pair without the other half becomes
     * U+FFFD, because UTF-8 cannot encode it.
     */
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

    /** Ends the string. Must be called before the content is read. */
    void end() {
        flushUnpaired();
    }

    public boolean tooLong() {
        return tooLong;
    }

    /** Returns the length of the kept text, in bytes. */
    int length() {
        return length;
    }

    public boolean startsWith(byte[] prefix) {
        return length >= prefix.length && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length);
    }

    public boolean endsWith(byte[] suffix) {
        return length >= suffix.length && Arrays.equals(utf8, length - suffix.length, length, suffix, 0, suffix.length);
    }

    /** Returns the index of the name that is equal to the text; {@link NameMatcher#NONE} if no name is. */
    public int indexIn(NameTable names) {
        int candidates = tooLong ? 0 : names.withLength(length);
        for (int i = 0; i < length && candidates != 0; i++) {
            candidates &= names.withByteAt(i, utf8[i]);
        }
        return candidates == 0 ? NameMatcher.NONE : Integer.numberOfTrailingZeros(candidates);
    }

    /** Returns whether every byte is visible ASCII: no spaces and no control characters. */
    public boolean isVisibleAscii() {
        for (int i = 0; i < length; i++) {
            if (utf8[i] <= ' ' || utf8[i] == 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Removes this number of bytes at the end. */
    public void removeLast(int bytes) {
        length -= bytes;
    }

    /** Returns the decimal number in the text; -1 if the text is not a number of at most {@value MAX_DIGITS} digits. */
    public long parseDecimal() {
        if (tooLong || length == 0 || length > MAX_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < length; i++) {
            int digit = utf8[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Returns the kept content as a string. Invalid UTF-8 becomes U+FFFD. */
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

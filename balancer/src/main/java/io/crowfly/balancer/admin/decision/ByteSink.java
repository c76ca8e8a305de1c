package io.crowfly.balancer.admin.decision;

import io.crowfly.probes.forecast.ProbeTimes;
import java.util.Arrays;

/** Growing array of bytes to which values are written in a compact form. {@link ByteSource} reads them. */
final class ByteSink {

    /** Longer texts are cut, so that an entry always fits into a segment. */
    static final int MAX_TEXT_CHARS = 2048;

    private byte[] bytes = new byte[1024];
    private int length;

    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    void copyTo(byte[] target, int at) {
        System.arraycopy(bytes, 0, target, at, length);
    }

    void putByte(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
    }

    void putFlag(boolean flag) {
        putByte(flag ? 1 : 0);
    }

    /** Writes a number in as many groups of seven bits as it needs; small negative numbers are short too. */
    void putNumber(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            putByte((int) (rest | 0x80));
            rest >>>= 7;
        }
        putByte((int) rest);
    }

    /** Writes a time in microseconds, as precise as the JSON shows times. */
    void putNanos(long nanos) {
        putNumber(nanos == ProbeTimes.ABSENT ? -1 : Math.round(nanos / 1000.0));
    }

    /** Writes a share or a mean count with three decimals, as precise as the JSON shows them. */
    void putShare(double share) {
        putNumber(Math.round(share * 1000));
    }

    /** Writes the number of characters, then one byte for each ASCII character, and three for any other. */
    void putText(String text) {
        int count = Math.min(text.length(), MAX_TEXT_CHARS);
        putNumber(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                putByte(c);
            } else {
                putByte(0x80 | c >> 9);
                putByte(c >> 2 & 0x7f);
                putByte(c & 3);
            }
        }
    }
}

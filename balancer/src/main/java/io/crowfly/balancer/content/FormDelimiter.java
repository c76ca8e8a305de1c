package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds the next delimiter between the parts of a form (RFC 2046, section 5.1.1), cut anywhere: a line break, two hyphens and
 * the boundary.
 *
 * <p>The first of these bytes occurs nowhere else in it, as a boundary has no line breaks. So after a byte that does not
 * fit there is nothing to go back to, and until there is a carriage return there is nothing to compare.
 */
final class FormDelimiter {

    /** RFC 2046, section 5.1.1. */
    private static final int MAX_BOUNDARY = 70;

    private static final byte FIRST = '\r';

    private final byte[] delimiter;

    /** How many of its bytes the last ones agree with. */
    private int matched;

    private FormDelimiter(byte[] delimiter) {
        this.delimiter = delimiter;
    }

    /** @return empty if the type names no boundary that can be one */
    static Optional<FormDelimiter> of(String contentType) {
        return HeaderParameter.of(contentType, "boundary")
                .filter(FormDelimiter::isBoundary)
                .map(boundary -> new FormDelimiter(("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean isBoundary(String text) {
        return !text.isEmpty() && text.length() <= MAX_BOUNDARY && text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /** In bytes, the line break included. */
    int length() {
        return delimiter.length;
    }

    /** Two hyphens and the boundary. */
    String line() {
        return new String(delimiter, 2, delimiter.length - 2, StandardCharsets.US_ASCII);
    }

    /** Begins anew, as if a line break had just come. */
    void startLine() {
        matched = 2;
    }

    /** @return the index after the delimiter, or -1 if it does not end before {@code to} */
    int find(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = in.indexOf(index, to, FIRST);
                if (index < 0) {
                    return -1;
                }
            }
            byte b = in.getByte(index++);
            if (b == delimiter[matched]) {
                if (++matched == delimiter.length) {
                    matched = 0;
                    return index;
                }
            } else {
                matched = b == FIRST ? 1 : 0;
            }
        }
        return -1;
    }
}

package io.crowfly.balancer.content.request;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Delimiter between the parts of a form (RFC 2046, section 5.1.1), and the search for its next occurrence in chunks cut
 * anywhere. A delimiter is a line break, two hyphens and the boundary.
 *
 * <p>The first byte of a delimiter does not occur in it again, because a boundary has no line breaks. So the search
 * never goes back after a mismatch, and compares nothing before a carriage return.
 */
final class FormDelimiter {

    /** RFC 2046, section 5.1.1. */
    private static final int MAX_BOUNDARY = 70;

    private static final byte FIRST = '\r';

    private final byte[] delimiter;

    /** How many bytes of the delimiter the last bytes match. */
    private int matched;

    private FormDelimiter(byte[] delimiter) {
        this.delimiter = delimiter;
    }

    /** @return empty if the content type has no valid boundary */
    static Optional<FormDelimiter> of(String contentType) {
        return HeaderParameter.of(contentType, "boundary")
                .filter(FormDelimiter::isBoundary)
                .map(boundary -> new FormDelimiter(("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean isBoundary(String text) {
        return !text.isEmpty() && text.length() <= MAX_BOUNDARY && text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /** Returns the length in bytes, including the line break. */
    int length() {
        return delimiter.length;
    }

    /** Returns the two hyphens and the boundary. */
    String delimiterLine() {
        return new String(delimiter, 2, delimiter.length - 2, StandardCharsets.US_ASCII);
    }

    /** Restarts the search as if a line break had just been read. */
    void startLine() {
        matched = 2;
    }

    /** @return the index after the delimiter, or -1 if no delimiter ends before {@code to} */
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

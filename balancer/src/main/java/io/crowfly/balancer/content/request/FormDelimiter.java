package io.crowfly.balancer.content.request;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Search for the delimiters between the parts of a multipart form (RFC 2046, section 5.1.1), in chunks cut anywhere. A
 * delimiter is a line break, two hyphens and the boundary.
 *
 * <p>A delimiter starts with a carriage return and contains no other, because a boundary has no line breaks. So the
 * search never goes back after a mismatch, and skips all bytes up to the next carriage return.
 */
final class FormDelimiter {

    /** Maximum length of a boundary (RFC 2046, section 5.1.1). */
    private static final int MAX_BOUNDARY = 70;

    private static final byte FIRST = '\r';

    private final byte[] delimiter;

    /** Number of the delimiter's first bytes that the last bytes of the body are equal to. */
    private int matched;

    private FormDelimiter(byte[] delimiter) {
        this.delimiter = delimiter;
    }

    /**
     * Returns the search for the boundary that a content type names.
     *
     * @return empty if the content type has no valid boundary
     */
    static Optional<FormDelimiter> of(String contentType) {
        return HeaderParameter.of(contentType, "boundary")
                .filter(FormDelimiter::isBoundary)
                .map(boundary -> new FormDelimiter(("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean isBoundary(String text) {
        return !text.isEmpty() && text.length() <= MAX_BOUNDARY && text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /** Returns the length of the delimiter in bytes, including the line break before it. */
    int length() {
        return delimiter.length;
    }

    /** Returns the delimiter without its line break: two hyphens and the boundary. */
    String delimiterLine() {
        return new String(delimiter, 2, delimiter.length - 2, StandardCharsets.US_ASCII);
    }

    /** Restarts the search at the start of a line, as if a line break had just been read. */
    void startLine() {
        matched = 2;
    }

    /**
     * Searches for the end of the next delimiter.
     *
     * @return the index after the delimiter, or -1 if no delimiter ends before {@code to}
     */
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

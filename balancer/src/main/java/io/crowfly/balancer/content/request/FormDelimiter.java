package io.crowfly.balancer.content.request;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Search for the delimiters between the parts of a multipart form (RFC 2046, section 5.1.1), in chunks cut anywhere. A
 * delimiter is a line break, two hyphens and the boundary.
 *
 * <p>Some parsers accept a delimiter after a single CR or LF as well. So the search finds every line that begins with the
 * hyphens and the boundary, whatever precedes the line, and reports whether that is a line break. In the middle of a
 * line both are content.
 *
 * <p>A line break does not occur in a boundary. So the search never goes back after a mismatch.
 */
final class FormDelimiter {

    /** Maximum length of a boundary (RFC 2046, section 5.1.1). */
    private static final int MAX_BOUNDARY = 70;

    /** Without the comma and the space of RFC 2046, at which some parsers end even a quoted boundary. */
    private static final String BOUNDARY_SYMBOLS = "'()+_-./:=?";

    private static final Set<String> PARAMETERS = Set.of("boundary", "charset");

    private static final byte HYPHEN = '-';

    /** Two hyphens and the boundary. */
    private final byte[] line;

    /** How many bytes of the line the last bytes match. */
    private int matched;

    /** Whether a line break, rather than a single CR or LF, precedes the line. */
    private boolean afterLineBreak;

    /** The last bytes of the content before the chunk. */
    private byte last;

    private byte lastButOne;

    private FormDelimiter(byte[] line) {
        this.line = line;
    }

    /** @return empty if the content type is not that of a form, or parsers may find different boundaries in it */
    static Optional<FormDelimiter> of(String contentType) {
        return ParameterizedValue.parse(contentType)
                .filter(type -> type.value().equals("multipart/form-data")
                        && PARAMETERS.containsAll(type.parameters().keySet())
                        && TextEncoding.isUtf8(type.parameters().getOrDefault("charset", "utf-8")))
                .map(type -> type.parameters().getOrDefault("boundary", ""))
                .filter(FormDelimiter::isBoundary)
                .map(boundary -> new FormDelimiter(("--" + boundary).getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean isBoundary(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_BOUNDARY
                && text.chars()
                        .allMatch(c -> c < 0x80 && Character.isLetterOrDigit(c) || BOUNDARY_SYMBOLS.indexOf(c) >= 0);
    }

    /** Returns the length of the delimiter in bytes, including the line break before it. */
    int length() {
        return line.length + 2;
    }

    /** Returns the number of bytes without the line break, as at the beginning of a form. */
    int lineLength() {
        return line.length;
    }

    byte lineByte(int index) {
        return line[index];
    }

    /** Returns the delimiter without its line break: two hyphens and the boundary. */
    String delimiterLine() {
        return new String(line, StandardCharsets.US_ASCII);
    }

    /**
     * Starts the search at the beginning of a content. The line break before the content belongs to the headers, and
     * cannot be a part of a delimiter.
     */
    void startContent() {
        matched = 0;
        last = '\n';
        lastButOne = 0;
    }

    /** @return the index after the hyphens and the boundary, or -1 if no line that begins with them ends before {@code to} */
    int find(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = in.indexOf(index, to, HYPHEN);
                if (index < 0) {
                    break;
                }
                startMatch(in, from, index++);
            } else if (in.getByte(index) == line[matched]) {
                index++;
                if (++matched == line.length) {
                    matched = 0;
                    return index;
                }
            } else {
                matched = 0;
            }
        }
        if (to > from) {
            lastButOne = to - from > 1 ? in.getByte(to - 2) : last;
            last = in.getByte(to - 1);
        }
        return -1;
    }

    /** Starts a match at a hyphen if a line begins there. */
    private void startMatch(ByteBuf in, int from, int index) {
        byte before = index > from ? in.getByte(index - 1) : last;
        if (before == '\n' || before == '\r') {
            byte beforeThat = index > from + 1 ? in.getByte(index - 2) : index > from ? last : lastButOne;
            afterLineBreak = before == '\n' && beforeThat == '\r';
            matched = 1;
        }
    }

    /** Returns whether the delimiter that {@link #find} has found begins with a line break, as it must. */
    boolean isAfterLineBreak() {
        return afterLineBreak;
    }
}

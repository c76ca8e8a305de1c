package io.crowfly.balancer.content.request;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Search for the delimiters between the parts of a multipart form (RFC 2046, section 5.1.1), in chunks cut anywhere. A
 * delimiter is a line break, two hyphens and the boundary.
 *
 * <p>Some parsers accept a delimiter after a single CR or LF as well, and Django accepts one in the middle of a line.
 * So the search finds the hyphens and the boundary everywhere, and reports whether a line break precedes them. Honest
 * clients choose a boundary that does not occur in any content.
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

    /**
     * By the number of matched bytes: the length of the next shorter match that ends at the same byte. So the search
     * never goes back after a mismatch (Knuth, Morris, Pratt: Fast pattern matching in strings, 1977).
     */
    private final int[] shorterMatches;

    /**
     * By the byte that would be the last one of the line: how far the next possible line is away. So the search leaves
     * most bytes unread (Horspool: Practical fast searching in strings, 1980).
     */
    private final byte[] distances;

    /** How many bytes of the line the last bytes match. */
    private int matched;

    /** Whether a line break precedes the matched bytes. */
    private boolean afterLineBreak;

    /** The last bytes of the content before the chunk. */
    private byte last;

    private byte lastButOne;

    private FormDelimiter(byte[] line) {
        this.line = line;
        shorterMatches = shorterMatches(line);
        distances = distances(line);
    }

    private static byte[] distances(byte[] text) {
        byte[] distances = new byte[256];
        Arrays.fill(distances, (byte) text.length);
        for (int i = 0; i < text.length - 1; i++) {
            distances[text[i]] = (byte) (text.length - 1 - i);
        }
        return distances;
    }

    private static int[] shorterMatches(byte[] text) {
        int[] lengths = new int[text.length];
        for (int matched = 2; matched < text.length; matched++) {
            int length = lengths[matched - 1];
            while (length > 0 && text[length] != text[matched - 1]) {
                length = lengths[length];
            }
            lengths[matched] = text[length] == text[matched - 1] ? length + 1 : 0;
        }
        return lengths;
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
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && BOUNDARY_SYMBOLS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MAX_BOUNDARY;
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

    /** @return the index after the hyphens and the boundary, or -1 if they do not end before {@code to} */
    int find(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to) {
            if (matched == 0) {
                index = in.indexOf(skip(in, index, to), to, HYPHEN);
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
                // The shorter match begins after the first hyphen.
                matched = shorterMatches[matched];
                afterLineBreak = false;
            }
        }
        if (to > from) {
            lastButOne = to - from > 1 ? in.getByte(to - 2) : last;
            last = in.getByte(to - 1);
        }
        return -1;
    }

    /**
     * Skips bytes at which no whole line of this chunk begins.
     *
     * @return the index of the first whole line; without one, the first index at which a line may begin that the chunk
     *     cuts off
     */
    private int skip(ByteBuf in, int from, int to) {
        int lastIndex = line.length - 1;
        int index = from;
        while (index + lastIndex < to) {
            byte b = in.getByte(index + lastIndex);
            if (b == line[lastIndex] && isLine(in, index)) {
                return index;
            }
            index += distances[b & 0xff];
        }
        return Math.min(index, to);
    }

    private boolean isLine(ByteBuf in, int from) {
        for (int i = 0; i < line.length; i++) {
            if (in.getByte(from + i) != line[i]) {
                return false;
            }
        }
        return true;
    }

    private void startMatch(ByteBuf in, int from, int hyphen) {
        byte before = hyphen > from ? in.getByte(hyphen - 1) : last;
        byte beforeThat = hyphen > from + 1 ? in.getByte(hyphen - 2) : hyphen > from ? last : lastButOne;
        afterLineBreak = before == '\n' && beforeThat == '\r';
        matched = 1;
    }

    /** Returns whether the delimiter that {@link #find} has found begins with a line break, as it must. */
    boolean isAfterLineBreak() {
        return afterLineBreak;
    }
}

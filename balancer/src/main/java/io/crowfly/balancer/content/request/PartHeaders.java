package io.crowfly.balancer.content.request;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Header fields of one part of a form (RFC 7578, section 4.2), collected up to the empty line that ends them. Real
 * forms need a line or two; the limit stops hostile forms.
 */
final class PartHeaders {

    enum Progress {
        MORE,
        ENDED,
        TOO_LARGE,
        /** An incomplete line break, which some parsers accept. */
        MALFORMED
    }

    /** The size that servers allow for all headers of a request, in bytes. */
    private static final int MAX_BYTES = 8 * 1024;

    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Each character is a byte, as in Latin-1. */
    private final StringBuilder text = new StringBuilder(256);

    /** How many bytes of {@link #END} the last bytes match. */
    private int matched;

    /** Starts the headers of a part, after the line break that ends the line before them. */
    void start() {
        text.setLength(0);
        matched = 2;
    }

    Progress accept(byte b) {
        if (text.length() == MAX_BYTES) {
            return Progress.TOO_LARGE;
        }
        text.append((char) (b & 0xff));
        boolean afterCarriageReturn = matched % 2 == 1;
        if (afterCarriageReturn != (b == '\n')) {
            return Progress.MALFORMED;
        }
        matched = b == END[matched] ? matched + 1 : b == END[0] ? 1 : 0;
        return matched == END.length ? Progress.ENDED : Progress.MORE;
    }

    /** Returns what the ended headers say; empty if parsers may read them in different ways. */
    Optional<PartHead> head() {
        return PartHead.parse(text.toString());
    }
}

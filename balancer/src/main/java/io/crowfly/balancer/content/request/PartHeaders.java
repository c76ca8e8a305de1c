package io.crowfly.balancer.content.request;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
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

    private static final String LINE_BREAK = "\r\n";
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    /** How many bytes of {@link #END} the last bytes match. */
    private int matched;

    /** Starts the headers of a part, after the line break that ends the line before them. */
    void start() {
        bytes.reset();
        matched = 2;
    }

    Progress accept(byte b) {
        if (bytes.size() == MAX_BYTES) {
            return Progress.TOO_LARGE;
        }
        bytes.write(b);
        boolean afterCarriageReturn = matched % 2 == 1;
        if (afterCarriageReturn != (b == '\n')) {
            return Progress.MALFORMED;
        }
        matched = b == END[matched] ? matched + 1 : b == END[0] ? 1 : 0;
        return matched == END.length ? Progress.ENDED : Progress.MORE;
    }

    /** Returns the name of the form's field; empty for a file, or if there is no name. */
    Optional<String> fieldName() {
        return disposition()
                .filter(disposition -> disposition.toLowerCase(Locale.ROOT).startsWith("form-data"))
                .filter(disposition ->
                        HeaderParameter.of(disposition, "filename").isEmpty()
                                && HeaderParameter.of(disposition, "filename*").isEmpty())
                .flatMap(disposition -> HeaderParameter.of(disposition, "name"));
    }

    private Optional<String> disposition() {
        String unfolded = bytes.toString(StandardCharsets.UTF_8)
                .replace(LINE_BREAK + ' ', " ")
                .replace(LINE_BREAK + '\t', " ");
        for (String line : unfolded.split(LINE_BREAK)) {
            int colon = line.indexOf(':');
            if (colon >= 0 && line.substring(0, colon).strip().equalsIgnoreCase("content-disposition")) {
                return Optional.of(line.substring(colon + 1).strip());
            }
        }
        return Optional.empty();
    }
}

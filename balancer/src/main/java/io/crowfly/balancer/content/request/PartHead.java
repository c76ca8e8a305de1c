package io.crowfly.balancer.content.request;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/*
 * Parsers of forms agree on what honest clients send, and on little else. Examples of where they differ:
 *
 *   a second Content-Disposition, or a second `name` in it     the first or the last one counts
 *   `name*=…`, `name*0=…`, `name="=?utf-8?q?…?="`, `\"`, %xx   decoded by some
 *   `filename="; name=…"`                                      searched by some as text
 *   Content-Transfer-Encoding, charset, Content-Encoding       decoded by some
 *   Content-Length, Content-Type: multipart/mixed              decides for some where the part ends
 *   `Model`, ` model`, `model[]`                               the field `model` for some
 *
 * So a part has only the headers and parameters that clients send, each once and in plain form.
 */

/**
 * What the headers of one part of a form say (RFC 7578 section 4.2, RFC 2183), read strictly. Immutable.
 *
 * @param name of the field
 * @param isFile whether the part has a file name
 * @param isText whether the content is text, by its media type or without one
 * @param isUtf8 whether all parsers decode the content as UTF-8; if not, they agree only on ASCII characters
 * @param length of the content in bytes, as declared; -1 if it is not declared
 */
record PartHead(String name, boolean isFile, boolean isText, boolean isUtf8, long length) {

    private static final String DISPOSITION = "content-disposition";
    private static final String TYPE = "content-type";
    private static final String ENCODING = "content-transfer-encoding";
    private static final String LENGTH = "content-length";

    private static final Set<String> HEADERS = Set.of(DISPOSITION, TYPE, ENCODING, LENGTH);

    private static final String NAME = "name";
    private static final String FILENAME = "filename";
    private static final String ENCODED_FILENAME = "filename*";

    private static final Set<String> PARAMETERS =
            Set.of(NAME, FILENAME, ENCODED_FILENAME, "creation-date", "modification-date", "read-date", "size");

    private static final String PLAIN_TEXT = "text/plain";
    private static final String CHARSET = "charset";
    private static final String UTF_8 = "utf-8";
    private static final Set<String> TYPE_PARAMETERS = Set.of(CHARSET);

    /** Encodings that change nothing. */
    private static final Set<String> IDENTITIES = Set.of("7bit", "8bit", "binary");

    /** Characters of field names beside letters and digits, in any API that accepts forms. */
    private static final String NAME_SYMBOLS = " _-.[]";

    private static final String LINE_BREAK = "\r\n";

    /** A long holds every number of 18 digits. */
    private static final int MAX_DIGITS = 18;

    private static final long UNDECLARED = -1;
    private static final long NOT_A_LENGTH = -2;

    /**
     * Parses the headers of a part.
     *
     * @param text in Latin-1, with the empty line at its end
     * @return empty if parsers may read the headers in different ways
     */
    static Optional<PartHead> parse(String text) {
        Map<String, String> headers = new HashMap<>();
        for (int start = 0, end; (end = text.indexOf(LINE_BREAK, start)) > start; start = end + LINE_BREAK.length()) {
            String line = text.substring(start, end);
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
            if (!HEADERS.contains(name)
                    || hasControlCharacters(line)
                    || headers.put(name, valueAfter(line, colon)) != null) {
                return Optional.empty();
            }
        }
        String type = headers.getOrDefault(TYPE, PLAIN_TEXT);
        String encoding = headers.getOrDefault(ENCODING, "binary").toLowerCase(Locale.ROOT);
        long length = headers.containsKey(LENGTH) ? parseLength(headers.get(LENGTH)) : UNDECLARED;
        if (!isLeafType(type) || !IDENTITIES.contains(encoding) || length == NOT_A_LENGTH) {
            return Optional.empty();
        }
        Optional<String> charset = headers.containsKey(TYPE) ? textCharset(type) : Optional.of(UTF_8);
        // Netty decodes a content that is declared `7bit` or `8bit` as ASCII or Latin-1. So does formidable with one
        // that is declared `binary`.
        boolean isUtf8 = charset.filter(TextEncoding::isUtf8).isPresent() && !headers.containsKey(ENCODING);
        return ParameterizedValue.parse(headers.getOrDefault(DISPOSITION, ""))
                .filter(PartHead::isPlainDisposition)
                .map(disposition -> new PartHead(
                        disposition.parameters().get(NAME),
                        disposition.parameters().containsKey(FILENAME)
                                || disposition.parameters().containsKey(ENCODED_FILENAME),
                        charset.isPresent(),
                        isUtf8,
                        length));
    }

    private static String valueAfter(String line, int colon) {
        int start = colon + 1;
        while (start < line.length() && line.charAt(start) == ' ') {
            start++;
        }
        return line.substring(start);
    }

    private static boolean hasControlCharacters(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) < ' ' || line.charAt(i) == 0x7F) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPlainDisposition(ParameterizedValue disposition) {
        Map<String, String> parameters = disposition.parameters();
        return disposition.value().equals("form-data")
                && PARAMETERS.containsAll(parameters.keySet())
                && isPlainName(parameters.getOrDefault(NAME, ""))
                && TextEncoding.isAscii(parameters.getOrDefault(ENCODED_FILENAME, ""))
                && parameters.values().stream().noneMatch(PartHead::containsParameter);
    }

    private static boolean isPlainName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && NAME_SYMBOLS.indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Returns whether a parser that searches for {@code name=} as text would find it in the value. */
    private static boolean containsParameter(String value) {
        int name = value.toLowerCase(Locale.ROOT).indexOf(NAME);
        return name >= 0 && value.indexOf('=', name) >= 0;
    }

    /** Returns whether the type is that of one content, not of a message with parts of its own. */
    private static boolean isLeafType(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return TextEncoding.isAscii(type)
                && !lower.startsWith("multipart/")
                && !lower.startsWith("message/")
                && !containsParameter(type);
    }

    /** Returns the encoding of plain text; empty for another type, or if parsers differ even on ASCII characters. */
    private static Optional<String> textCharset(String type) {
        return ParameterizedValue.parse(type)
                .filter(parsed -> parsed.value().equals(PLAIN_TEXT)
                        && TYPE_PARAMETERS.containsAll(parsed.parameters().keySet()))
                .map(parsed -> parsed.parameters().getOrDefault(CHARSET, UTF_8))
                .filter(TextEncoding::isAsciiCompatible);
    }

    private static long parseLength(String digits) {
        boolean isNumber = !digits.isEmpty()
                && digits.length() <= MAX_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : NOT_A_LENGTH;
    }

    /** Returns whether the content has the declared length, or none is declared. */
    boolean allowsLength(long contentLength) {
        return length == UNDECLARED || length == contentLength;
    }

    /** Returns whether the field is the model for some parsers only: they ignore case or spaces, or read an array. */
    boolean resemblesModel(String model) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        return !name.equals(model) && (lower.equals(model) || lower.startsWith(model + '['));
    }
}

package io.crowfly.balancer.content.request;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Value of a header with parameters, such as {@code form-data; name="model"} (RFC 9110 section 5.6.6, RFC 2045 section
 * 5.1), in the strict form that every parser reads alike. Immutable.
 *
 * <p>Parsers differ in what they do with white space around {@code =}, with empty or repeated parameters, and with
 * {@code \"} in a quoted value before another parameter. A header that has any of these has no value here. Netty's own
 * readers of these headers are not public, and they accept all of these. Parsers also differ in whether case matters,
 * so it matters here, and only the usual lower case is what a caller expects.
 *
 * @param value the text before the first semicolon
 * @param parameters without quotes
 */
record ParameterizedValue(String value, Map<String, String> parameters) {

    /** Characters of a token beside letters and digits (RFC 9110 section 5.6.2), and the slash of a media type. */
    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

    /** @return empty if parsers may read the header in different ways */
    static Optional<ParameterizedValue> parse(String header) {
        int end = header.indexOf(';');
        String value = end < 0 ? header : header.substring(0, end);
        Map<String, String> parameters = new HashMap<>();
        int index = value.length();
        boolean readable = isMediaTypeOrToken(value);
        while (readable && index < header.length()) {
            int nameStart = afterSpaces(header, index + 1);
            int equals = tokenEnd(header, nameStart);
            index = equals < header.length() && header.charAt(equals) == '=' ? valueEnd(header, equals + 1) : -1;
            readable = equals > nameStart
                    && index > equals + 1
                    && (index == header.length() || header.charAt(index) == ';')
                    && parameters.put(
                                    header.substring(nameStart, equals), unquoted(header.substring(equals + 1, index)))
                            == null;
        }
        return readable
                ? Optional.of(new ParameterizedValue(value, Collections.unmodifiableMap(parameters)))
                : Optional.empty();
    }

    private static boolean isMediaTypeOrToken(String value) {
        int end = tokenEnd(value, 0);
        if (end > 0 && end < value.length() && value.charAt(end) == '/') {
            int start = end + 1;
            end = tokenEnd(value, start);
            return end > start && end == value.length();
        }
        return end > 0 && end == value.length();
    }

    private static int afterSpaces(String header, int from) {
        int index = from;
        while (index < header.length() && header.charAt(index) == ' ') {
            index++;
        }
        return index;
    }

    private static int tokenEnd(String header, int from) {
        int index = from;
        while (index < header.length() && isToken(header.charAt(index))) {
            index++;
        }
        return index;
    }

    static boolean isToken(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_SYMBOLS.indexOf(c) >= 0;
    }

    /** Returns the index after the value; negative if parsers may see the end of a quoted value elsewhere. */
    private static int valueEnd(String header, int from) {
        if (from < header.length() && header.charAt(from) == '"') {
            int quote = header.indexOf('"', from + 1);
            if (quote < 0) {
                return -1;
            }
            return header.charAt(quote - 1) == '\\' ? escapedEnd(header, from + 1) : quote + 1;
        }
        return tokenEnd(header, from);
    }

    /**
     * Returns the end of the header if a quoted value with escapes ends there; otherwise -1. Clients escape quotes in
     * file names, which come last. A parser that ends the value at the first quote finds no other parameter after it.
     */
    private static int escapedEnd(String header, int from) {
        for (int i = from; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                return i + 1 == header.length() ? i + 1 : -1;
            }
        }
        return -1;
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
    }
}

package io.crowfly.balancer.content.request;

import java.util.Optional;

/**
 * Reader of one parameter of a header value such as {@code form-data; name="model"} (RFC 9110, section 5.6.6, and RFC
 * 2045, section 5.1). Names match in any case; values may be quoted. Needed because Netty's own readers of these two
 * headers are not public.
 */
final class HeaderParameter {

    private HeaderParameter() {}

    /**
     * Returns the value of the first parameter with this name.
     *
     * @return empty if there is no such parameter, or its closing quote is missing
     */
    static Optional<String> of(String header, String name) {
        int index = endOfValue(header, 0);
        while (index < header.length()) {
            int start = index + 1;
            int end = endOfValue(header, start);
            int equals = header.indexOf('=', start);
            if (equals >= 0
                    && equals < end
                    && header.substring(start, equals).strip().equalsIgnoreCase(name)) {
                return unquoted(header.substring(equals + 1, end).strip());
            }
            index = end;
        }
        return Optional.empty();
    }

    /** Returns the index of the next semicolon that is not inside quotes, or of the header's end. */
    private static int endOfValue(String header, int from) {
        boolean quoted = false;
        int index = from;
        for (; index < header.length(); index++) {
            char c = header.charAt(index);
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted && c == '\\') {
                index++;
            } else if (!quoted && c == ';') {
                break;
            }
        }
        return Math.min(index, header.length());
    }

    private static Optional<String> unquoted(String value) {
        if (!value.startsWith("\"")) {
            return Optional.of(value);
        }
        StringBuilder text = new StringBuilder(value.length());
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                return Optional.of(text.toString());
            }
            if (c == '\\' && i + 1 < value.length()) {
                c = value.charAt(++i);
            }
            text.append(c);
        }
        return Optional.empty();
    }
}

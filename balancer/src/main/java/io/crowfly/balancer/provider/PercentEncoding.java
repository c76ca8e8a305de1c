package io.crowfly.balancer.provider;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/*
 * Strict, unlike the JDK's decoder: a name that we read in one way and a backend in another could be let in under the one and
 * served under the other.
 */

/** Percent-encoding (RFC 3986 section 2.1) of the names that stand in targets. */
final class PercentEncoding {

    private static final String HEX = "0123456789ABCDEF";

    private PercentEncoding() {}

    /** The text that is encoded; absent where it is not one of valid UTF-8 without control characters. */
    static Optional<String> decode(String encoded) {
        if (!encoded.chars().allMatch(c -> c < 0x80)) {
            return Optional.empty();
        }
        Optional<String> text =
                encoded.indexOf('%') < 0 ? Optional.of(encoded) : bytes(encoded).flatMap(PercentEncoding::text);
        return text.filter(PercentEncoding::isPrintable);
    }

    /** The same of a query, in which {@code +} is a space. */
    static Optional<String> decodeInQuery(String encoded) {
        return decode(encoded.replace('+', ' '));
    }

    private static Optional<byte[]> bytes(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.write(c);
            } else {
                int octet = octetAt(encoded, i);
                if (octet < 0) {
                    return Optional.empty();
                }
                bytes.write(octet);
                i += 2;
            }
        }
        return Optional.of(bytes.toByteArray());
    }

    private static Optional<String> text(byte[] utf8) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isPrintable(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }

    /**
     * The same path with nothing encoded that need not be (RFC 3986 section 6.2.2.2), so that it compares as every server
     * reads it.
     */
    static String normalize(String path) {
        int escape = path.indexOf('%');
        if (escape < 0) {
            return path;
        }
        StringBuilder normal = new StringBuilder(path.length()).append(path, 0, escape);
        for (int i = escape; i < path.length(); i++) {
            int c = path.charAt(i) == '%' ? octetAt(path, i) : -1;
            if (c >= 0 && isUnreserved(c)) {
                normal.append((char) c);
                i += 2;
            } else {
                normal.append(path.charAt(i));
            }
        }
        return normal.toString();
    }

    /** What the escape at the place stands for; negative if it is none. */
    private static int octetAt(String encoded, int at) {
        if (at + 2 >= encoded.length()) {
            return -1;
        }
        int high = Character.digit(encoded.charAt(at + 1), 16);
        int low = Character.digit(encoded.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** As one segment of a path, or one value of a query. */
    static String encode(String text) {
        if (text.chars().allMatch(PercentEncoding::isUnreserved)) {
            return text;
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (isUnreserved(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}

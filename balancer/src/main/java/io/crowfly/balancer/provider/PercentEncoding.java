package io.crowfly.balancer.provider;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/*
 * Strict, unlike the JDK's decoder. Otherwise a backend could read a name differently, and rules would be checked for
 * one name while the request is served under another.
 */

/** Encoder and decoder of names in paths and queries (percent-encoding, RFC 3986, section 2.1). */
final class PercentEncoding {

    private static final String HEX = "0123456789ABCDEF";

    private PercentEncoding() {}

    /**
     * Decodes a text.
     *
     * @return empty if the text is not valid UTF-8 or has control characters
     */
    static Optional<String> decode(String encoded) {
        if (!encoded.chars().allMatch(c -> c < 0x80)) {
            return Optional.empty();
        }
        Optional<String> text =
                encoded.indexOf('%') < 0 ? Optional.of(encoded) : bytes(encoded).flatMap(PercentEncoding::text);
        return text.filter(PercentEncoding::isPrintable);
    }

    /** Decodes a text from a query, in which {@code +} is a space. */
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
     * Decodes the unreserved characters of a path (RFC 3986, section 6.2.2.2), so that two paths that servers treat as
     * equal are equal strings.
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

    /** Returns the octet that the escape at the index encodes; negative if there is no valid escape. */
    private static int octetAt(String encoded, int at) {
        if (at + 2 >= encoded.length()) {
            return -1;
        }
        int high = Character.digit(encoded.charAt(at + 1), 16);
        int low = Character.digit(encoded.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** Encodes a text as one segment of a path, or as one value of a query. */
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

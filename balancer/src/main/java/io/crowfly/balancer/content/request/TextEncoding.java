package io.crowfly.balancer.content.request;

import java.util.Locale;
import java.util.Set;

/**
 * Character encodings that a request may declare for text. Some parsers decode text with the declared encoding. So an
 * encoding such as UTF-7 or EBCDIC would turn bytes that name one model here into the name of another one there.
 */
final class TextEncoding {

    /** ASCII characters are the same in these, whichever a parser assumes. */
    private static final Set<String> ASCII_COMPATIBLE =
            Set.of("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252");

    private TextEncoding() {}

    static boolean isAsciiCompatible(String charset) {
        return ASCII_COMPATIBLE.contains(charset.toLowerCase(Locale.ROOT));
    }

    static boolean isUtf8(String charset) {
        return charset.equalsIgnoreCase("utf-8") || charset.equalsIgnoreCase("utf8");
    }

    /** A loop, because a stream allocates, and every form needs this several times. */
    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}

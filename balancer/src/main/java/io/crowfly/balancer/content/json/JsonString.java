package io.crowfly.balancer.content.json;

import java.nio.ByteBuffer;

/**
 * Reader of one JSON string from its first character to its closing quote, in chunks cut anywhere. If the string is a
 * key, the reader compares it with the known names. If it is a value, the reader keeps its text only on request. All
 * other bytes are skipped.
 */
final class JsonString {

    enum Progress {
        MORE,
        ENDED,
        MALFORMED
    }

    private enum State {
        PLAIN,
        ESCAPE,
        UNICODE_ESCAPE
    }

    private static final int DIGITS_IN_UNICODE_ESCAPE = 4;

    private final NameMatcher names;
    private final DecodedText text;

    private State state = State.PLAIN;
    private boolean matching;
    private boolean keeping;
    private int codeUnit;
    private int digits;
    private int index;
    private String reason = "";

    JsonString(NameMatcher names, DecodedText text) {
        this.names = names;
        this.text = text;
    }

    void startKey() {
        state = State.PLAIN;
        names.reset();
        matching = true;
        keeping = false;
    }

    void startValue(boolean keep) {
        state = State.PLAIN;
        matching = false;
        keeping = keep;
        text.clear();
    }

    /** Reads to the closing quote, to the first byte that is not allowed, or to the end of the chunk. */
    Progress read(ByteBuffer in, int from, int to) {
        index = from;
        Progress progress = Progress.MORE;
        while (progress == Progress.MORE && index < to) {
            progress = switch (state) {
                case PLAIN -> readPlain(in, to);
                case ESCAPE -> readEscape(in.get(index++));
                case UNICODE_ESCAPE -> readUnicodeEscape(in.get(index++));
            };
        }
        return progress;
    }

    /** Returns the index in the chunk after the last byte that was read. */
    int index() {
        return index;
    }

    String reason() {
        return reason;
    }

    private Progress readPlain(ByteBuffer in, int to) {
        while (index < to) {
            if (!(keeping && !text.tooLong()) && !(matching && names.canStillMatch())) {
                index = ByteSearch.plainTextEnd(in, index, to);
                if (index == to) {
                    return Progress.MORE;
                }
            }
            byte b = in.get(index++);
            if (b == '"') {
                text.end();
                return Progress.ENDED;
            }
            if (b == '\\') {
                state = State.ESCAPE;
                return Progress.MORE;
            }
            if (b >= 0 && b < ' ') {
                return malformed("a control character in a string");
            }
            if (matching) {
                names.accept(b);
            } else if (keeping) {
                text.append(b);
            }
        }
        return Progress.MORE;
    }

    private Progress readEscape(byte b) {
        return switch (b) {
            case '"', '\\', '/' -> acceptDecoded((char) b);
            case 'b' -> acceptDecoded('\b');
            case 'f' -> acceptDecoded('\f');
            case 'n' -> acceptDecoded('\n');
            case 'r' -> acceptDecoded('\r');
            case 't' -> acceptDecoded('\t');
            case 'u' -> {
                digits = 0;
                codeUnit = 0;
                state = State.UNICODE_ESCAPE;
                yield Progress.MORE;
            }
            default -> malformed("an unknown escape in a string");
        };
    }

    private Progress readUnicodeEscape(byte b) {
        int digit = b < 0 ? -1 : Character.digit((char) b, 16);
        if (digit < 0) {
            return malformed("an escape without four hexadecimal digits");
        }
        codeUnit = codeUnit << 4 | digit;
        return ++digits == DIGITS_IN_UNICODE_ESCAPE ? acceptDecoded((char) codeUnit) : Progress.MORE;
    }

    private Progress acceptDecoded(char unit) {
        if (matching) {
            if (unit == 0) {
                names.acceptNul();
            } else if (unit < 0x80) {
                names.accept((byte) unit);
            } else {
                names.rejectAll();
            }
        } else if (keeping) {
            text.appendEscaped(unit);
        }
        state = State.PLAIN;
        return Progress.MORE;
    }

    private Progress malformed(String cause) {
        index--;
        reason = cause;
        return Progress.MALFORMED;
    }
}

package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;

/**
 * One JSON string from its first character to its closing quote, cut anywhere. Of a key it finds out which name it is;
 * the text of a value is kept only on request; everything else is passed over.
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

    /** Reads on to the closing quote, or to the byte that can't stand here. */
    Progress read(ByteBuf in, int from, int to) {
        index = from;
        Progress progress = Progress.MORE;
        while (progress == Progress.MORE && index < to) {
            progress = switch (state) {
                case PLAIN -> plain(in, to);
                case ESCAPE -> escape(in.getByte(index++));
                case UNICODE_ESCAPE -> unicodeEscape(in.getByte(index++));
            };
        }
        return progress;
    }

    /** Index into the chunk after the last byte that was read. */
    int index() {
        return index;
    }

    String reason() {
        return reason;
    }

    private Progress plain(ByteBuf in, int to) {
        while (index < to) {
            if (!(keeping && !text.tooLong()) && !(matching && names.canStillMatch())) {
                index = PlainText.end(in, index, to);
                if (index == to) {
                    return Progress.MORE;
                }
            }
            byte b = in.getByte(index++);
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

    private Progress escape(byte b) {
        return switch (b) {
            case '"', '\\', '/' -> decoded((char) b);
            case 'b' -> decoded('\b');
            case 'f' -> decoded('\f');
            case 'n' -> decoded('\n');
            case 'r' -> decoded('\r');
            case 't' -> decoded('\t');
            case 'u' -> {
                digits = 0;
                codeUnit = 0;
                state = State.UNICODE_ESCAPE;
                yield Progress.MORE;
            }
            default -> malformed("an unknown escape in a string");
        };
    }

    private Progress unicodeEscape(byte b) {
        int digit = b < 0 ? -1 : Character.digit((char) b, 16);
        if (digit < 0) {
            return malformed("an escape without four hexadecimal digits");
        }
        codeUnit = codeUnit << 4 | digit;
        return ++digits == DIGITS_IN_UNICODE_ESCAPE ? decoded((char) codeUnit) : Progress.MORE;
    }

    private Progress decoded(char unit) {
        if (matching) {
            if (unit < 0x80) {
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

    private Progress malformed(String why) {
        index--;
        reason = why;
        return Progress.MALFORMED;
    }
}

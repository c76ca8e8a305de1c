package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Splits one JSON object (RFC 8259) into tokens as its bytes come, cut anywhere, in constant memory.
 *
 * <p>Written here because the parsers at hand gather: Jackson's non-blocking one copies every string that it passes, and
 * a request's prompt is one string. This one skips them eight bytes at a step. Of a key it tells only which of a few
 * names it is, of a string only what was asked for by {@link #keepNextText}.
 *
 * <p>As strict as a parser, but for one thing: it does not check that strings are valid UTF-8.
 */
final class JsonTokenizer {

    enum Token {
        /** The bytes at hand are used up. */
        MORE,
        START_OBJECT,
        END_OBJECT,
        START_ARRAY,
        END_ARRAY,
        KEY,
        STRING,
        NUMBER,
        TRUE,
        FALSE,
        NULL,
        /** Not a JSON object; nothing but this follows. */
        MALFORMED
    }

    /** Far beyond any request seen, well below where a backend's recursive parser runs out of stack. */
    static final int MAX_DEPTH = 512;

    private enum State {
        START,
        BYTE_ORDER_MARK,
        VALUE,
        VALUE_OR_END,
        KEY,
        KEY_OR_END,
        COLON,
        COMMA_OR_END,
        AFTER_DOCUMENT,
        STRING,
        ESCAPE,
        UNICODE_ESCAPE,
        NUMBER,
        LITERAL,
        MALFORMED
    }

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final NameMatcher names;
    private final DecodedText text;

    /** One bit for each open container, set for an object. */
    private final long[] objects = new long[MAX_DEPTH / Long.SIZE];

    private State state = State.START;
    private boolean started;
    private int depth;
    private String reason = "";

    /** Added to an index into the chunk it gives the offset in the document. */
    private long shift;

    private int index;
    private long offset;
    private long tokenStart;

    private boolean inKey;
    private int name = NameMatcher.NONE;
    private boolean keepNext;
    private boolean keeping;

    private byte[] literal = TRUE;

    /** How far within a literal, a byte order mark or a Unicode escape; in a number, its state. */
    private int progress;

    private int codeUnit;

    /**
     * @param names the keys to tell apart
     * @param textLimit how much of a string is kept when asked for, in bytes of UTF-8
     */
    JsonTokenizer(NameMatcher names, int textLimit) {
        this.names = names;
        this.text = new DecodedText(textLimit);
    }

    void reset() {
        state = State.START;
        started = false;
        depth = 0;
        reason = "";
        offset = 0;
        keepNext = false;
    }

    /**
     * Reads on to the end of the next token. Borrows the buffer for this call only.
     *
     * @param from where to go on: the chunk's first byte, or {@link #index()} after the last token
     */
    Token next(ByteBuf in, int from, int to) {
        index = from;
        shift = offset - from;
        Token token = Token.MORE;
        while (token == Token.MORE && index < to) {
            token = switch (state) {
                case STRING -> string(in, to);
                case ESCAPE -> escape(in.getByte(index++));
                case UNICODE_ESCAPE -> unicodeEscape(in.getByte(index++));
                case NUMBER -> number(in, to);
                case LITERAL -> literal(in.getByte(index++));
                case BYTE_ORDER_MARK -> byteOrderMark(in.getByte(index++));
                case MALFORMED -> Token.MALFORMED;
                default -> structure(in.getByte(index++));
            };
        }
        offset = shift + index;
        return token;
    }

    /** Index into the chunk after the last token. */
    int index() {
        return index;
    }

    /** How many containers are open after the last token. */
    int depth() {
        return depth;
    }

    /** The object has been opened. */
    boolean started() {
        return started;
    }

    /** The object is closed, and nothing but white space has followed. */
    boolean complete() {
        return state == State.AFTER_DOCUMENT;
    }

    /** Which of the names the last key is, or {@link NameMatcher#NONE}. */
    int name() {
        return name;
    }

    /** Asks, right after a key, for the text of its value should it be a string. */
    void keepNextText() {
        keepNext = true;
    }

    /** The text that was asked for; to be read before the next token. */
    DecodedText text() {
        return text;
    }

    /** Offset in the document of the last string's opening quote. */
    long tokenStart() {
        return tokenStart;
    }

    /** Offset in the document after the last token, or of the byte that can't stand where it does. */
    long offset() {
        return offset;
    }

    /** Why the document is malformed. */
    String reason() {
        return reason;
    }

    private Token structure(byte b) {
        if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
            return Token.MORE;
        }
        switch (state) {
            case VALUE:
                return value(b);
            case VALUE_OR_END:
                return b == ']' ? close(Token.END_ARRAY) : value(b);
            case KEY:
                return b == '"' ? startKey() : malformed("a key was expected");
            case KEY_OR_END:
                return b == '"'
                        ? startKey()
                        : b == '}' ? close(Token.END_OBJECT) : malformed("a key or } was expected");
            case COLON:
                return b == ':' ? proceed(State.VALUE) : malformed("a colon was expected");
            case COMMA_OR_END:
                return afterValue(b);
            case AFTER_DOCUMENT:
                return malformed("something follows the object");
            default:
                return start(b);
        }
    }

    private Token start(byte b) {
        if (b == '{') {
            started = true;
            return open(true);
        }
        // Only as the very first byte: offset is still 0 when nothing came before this chunk.
        if (b == BYTE_ORDER_MARK[0] && shift + index == 1) {
            progress = 1;
            return proceed(State.BYTE_ORDER_MARK);
        }
        return malformed("not an object");
    }

    private Token byteOrderMark(byte b) {
        if (b != BYTE_ORDER_MARK[progress++]) {
            return malformed("not an object");
        }
        return progress == BYTE_ORDER_MARK.length ? proceed(State.START) : Token.MORE;
    }

    private Token value(byte b) {
        boolean keep = keepNext;
        keepNext = false;
        switch (b) {
            case '"':
                return startString(keep);
            case '{':
                return open(true);
            case '[':
                return open(false);
            case 't':
                return startLiteral(TRUE);
            case 'f':
                return startLiteral(FALSE);
            case 'n':
                return startLiteral(NULL);
            default:
                progress = JsonNumber.start(b);
                return progress == JsonNumber.INVALID ? malformed("a value was expected") : proceed(State.NUMBER);
        }
    }

    private Token afterValue(byte b) {
        boolean object = inObject();
        if (b == ',') {
            return proceed(object ? State.KEY : State.VALUE);
        }
        if (b == (object ? '}' : ']')) {
            return close(object ? Token.END_OBJECT : Token.END_ARRAY);
        }
        return malformed(object ? "a comma or } was expected" : "a comma or ] was expected");
    }

    private Token open(boolean object) {
        if (depth == MAX_DEPTH) {
            return malformed("nested too deep");
        }
        long bit = 1L << depth;
        if (object) {
            objects[depth / Long.SIZE] |= bit;
        } else {
            objects[depth / Long.SIZE] &= ~bit;
        }
        depth++;
        state = object ? State.KEY_OR_END : State.VALUE_OR_END;
        return object ? Token.START_OBJECT : Token.START_ARRAY;
    }

    private Token close(Token token) {
        depth--;
        state = depth == 0 ? State.AFTER_DOCUMENT : State.COMMA_OR_END;
        return token;
    }

    private boolean inObject() {
        int innermost = depth - 1;
        return (objects[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }

    private Token startKey() {
        inKey = true;
        names.reset();
        return proceed(State.STRING);
    }

    private Token startString(boolean keep) {
        inKey = false;
        keeping = keep;
        if (keep) {
            text.clear();
        }
        tokenStart = shift + index - 1;
        return proceed(State.STRING);
    }

    /** Goes through plain characters; what an escape stands for comes by {@link #decoded}. */
    private Token string(ByteBuf in, int to) {
        while (index < to) {
            if (inKey ? !names.canStillMatch() : !keeping) {
                index = PlainText.end(in, index, to);
                if (index == to) {
                    return Token.MORE;
                }
            }
            byte b = in.getByte(index++);
            if (b == '"') {
                return endString();
            }
            if (b == '\\') {
                return proceed(State.ESCAPE);
            }
            if (b >= 0 && b < ' ') {
                return malformed("a control character in a string");
            }
            if (inKey) {
                names.accept(b);
            } else if (keeping) {
                text.append(b);
            }
        }
        return Token.MORE;
    }

    private Token endString() {
        if (inKey) {
            name = names.match();
            state = State.COLON;
            return Token.KEY;
        }
        if (keeping) {
            text.end();
        }
        state = State.COMMA_OR_END;
        return Token.STRING;
    }

    private Token escape(byte b) {
        switch (b) {
            case '"', '\\', '/':
                return decoded((char) b);
            case 'b':
                return decoded('\b');
            case 'f':
                return decoded('\f');
            case 'n':
                return decoded('\n');
            case 'r':
                return decoded('\r');
            case 't':
                return decoded('\t');
            case 'u':
                progress = 0;
                codeUnit = 0;
                return proceed(State.UNICODE_ESCAPE);
            default:
                return malformed("an unknown escape in a string");
        }
    }

    private Token unicodeEscape(byte b) {
        int digit = b < 0 ? -1 : Character.digit((char) b, 16);
        if (digit < 0) {
            return malformed("an escape without four hexadecimal digits");
        }
        codeUnit = codeUnit << 4 | digit;
        return ++progress == 4 ? decoded((char) codeUnit) : Token.MORE;
    }

    private Token decoded(char unit) {
        if (!inKey) {
            if (keeping) {
                text.appendEscaped(unit);
            }
        } else if (unit < 0x80) {
            names.accept((byte) unit);
        } else {
            names.rejectAll();
        }
        return proceed(State.STRING);
    }

    private Token number(ByteBuf in, int to) {
        while (index < to) {
            progress = JsonNumber.next(progress, in.getByte(index));
            if (progress == JsonNumber.ENDED) {
                state = State.COMMA_OR_END;
                return Token.NUMBER;
            }
            index++;
            if (progress == JsonNumber.INVALID) {
                return malformed("an invalid number");
            }
        }
        return Token.MORE;
    }

    private Token startLiteral(byte[] expected) {
        literal = expected;
        progress = 1;
        return proceed(State.LITERAL);
    }

    private Token literal(byte b) {
        if (b != literal[progress++]) {
            return malformed("neither true, false nor null");
        }
        if (progress < literal.length) {
            return Token.MORE;
        }
        state = State.COMMA_OR_END;
        return literal == TRUE ? Token.TRUE : literal == FALSE ? Token.FALSE : Token.NULL;
    }

    private Token proceed(State next) {
        state = next;
        return Token.MORE;
    }

    /** Steps back to the byte that is to blame. */
    private Token malformed(String why) {
        index--;
        state = State.MALFORMED;
        reason = why;
        return Token.MALFORMED;
    }
}

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
        KEY_STRING,
        VALUE_STRING,
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
    private final JsonString string;
    private final Nesting nesting = new Nesting(MAX_DEPTH);

    private State state = State.START;
    private boolean started;
    private String reason = "";
    private boolean tooDeep;

    /** Added to an index into the chunk it gives the offset in the document. */
    private long shift;

    private int index;
    private long offset;

    /** Of the last string's opening quote. */
    private long stringStart;

    private int name = NameMatcher.NONE;
    private boolean keepNext;
    private boolean keepingNumber;

    private byte[] literal = TRUE;

    /** How far within a literal or a byte order mark; in a number, its state. */
    private int progress;

    /**
     * @param names the keys to tell apart
     * @param textLimit how much of a string is kept when asked for, in bytes of UTF-8
     */
    JsonTokenizer(Names names, int textLimit) {
        this.names = new NameMatcher(names);
        this.text = new DecodedText(textLimit);
        this.string = new JsonString(this.names, text);
    }

    void reset() {
        state = State.START;
        started = false;
        nesting.clear();
        reason = "";
        tooDeep = false;
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
                case KEY_STRING, VALUE_STRING -> string(in, to);
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
        return nesting.depth();
    }

    /** Marks the container that the last token opened. */
    void mark() {
        nesting.mark();
    }

    /** Whether the innermost container that is open after the last token is one that was marked. */
    boolean inMarked() {
        return nesting.isMarked();
    }

    /** Whether that is so, and it is an array. */
    boolean inMarkedArray() {
        return nesting.isMarked() && !nesting.inObject();
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

    /** Asks for the text of the next value should it be a string or a number. */
    void keepNextText() {
        keepNext = true;
    }

    /** The text that was asked for; to be read before the next token. */
    DecodedText text() {
        return text;
    }

    /** The last token, a string, is empty. */
    boolean emptyString() {
        return offset - stringStart == "\"\"".length();
    }

    /** Offset in the document of the opening quote of the string that is the last token. */
    long stringStart() {
        return stringStart;
    }

    /** Offset in the document after the last token, or of the byte that can't stand where it does. */
    long offset() {
        return offset;
    }

    /** Why the document is malformed. */
    String reason() {
        return reason;
    }

    /** The document is malformed for its depth alone. */
    boolean tooDeep() {
        return tooDeep;
    }

    private Token structure(byte b) {
        if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
            return Token.MORE;
        }
        return switch (state) {
            case VALUE -> value(b);
            case VALUE_OR_END -> b == ']' ? close(Token.END_ARRAY) : value(b);
            case KEY -> b == '"' ? startKey() : malformed("a key was expected");
            case KEY_OR_END -> keyOrEnd(b);
            case COLON -> b == ':' ? proceed(State.VALUE) : malformed("a colon was expected");
            case COMMA_OR_END -> commaOrEnd(b);
            case AFTER_DOCUMENT -> malformed("something follows the object");
            default -> start(b);
        };
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
        return switch (b) {
            case '"' -> startString(keep);
            case '{' -> open(true);
            case '[' -> open(false);
            case 't' -> startLiteral(TRUE);
            case 'f' -> startLiteral(FALSE);
            case 'n' -> startLiteral(NULL);
            default -> startNumber(b, keep);
        };
    }

    private Token keyOrEnd(byte b) {
        if (b == '}') {
            return close(Token.END_OBJECT);
        }
        return b == '"' ? startKey() : malformed("a key or } was expected");
    }

    private Token commaOrEnd(byte b) {
        boolean object = nesting.inObject();
        if (b == ',') {
            return proceed(object ? State.KEY : State.VALUE);
        }
        if (b == (object ? '}' : ']')) {
            return close(object ? Token.END_OBJECT : Token.END_ARRAY);
        }
        return malformed(object ? "a comma or } was expected" : "a comma or ] was expected");
    }

    private Token open(boolean object) {
        if (nesting.isFull()) {
            tooDeep = true;
            return malformed("nested too deep");
        }
        nesting.open(object);
        state = object ? State.KEY_OR_END : State.VALUE_OR_END;
        return object ? Token.START_OBJECT : Token.START_ARRAY;
    }

    private Token close(Token token) {
        nesting.close();
        state = nesting.depth() == 0 ? State.AFTER_DOCUMENT : State.COMMA_OR_END;
        return token;
    }

    private Token startKey() {
        string.startKey();
        return proceed(State.KEY_STRING);
    }

    private Token startString(boolean keep) {
        string.startValue(keep);
        stringStart = shift + index - 1;
        return proceed(State.VALUE_STRING);
    }

    private Token string(ByteBuf in, int to) {
        JsonString.Progress progress = string.read(in, index, to);
        index = string.index();
        return switch (progress) {
            case MORE -> Token.MORE;
            case MALFORMED -> malformedAtIndex(string.reason());
            case ENDED -> {
                if (state == State.KEY_STRING) {
                    name = names.match();
                    state = State.COLON;
                    yield Token.KEY;
                }
                state = State.COMMA_OR_END;
                yield Token.STRING;
            }
        };
    }

    private Token startNumber(byte b, boolean keep) {
        keepingNumber = keep;
        if (keep) {
            text.clear();
            text.append(b);
        }
        progress = JsonNumber.start(b);
        return progress == JsonNumber.INVALID ? malformed("a value was expected") : proceed(State.NUMBER);
    }

    private Token number(ByteBuf in, int to) {
        while (index < to) {
            byte b = in.getByte(index);
            progress = JsonNumber.next(progress, b);
            if (progress == JsonNumber.ENDED) {
                state = State.COMMA_OR_END;
                return Token.NUMBER;
            }
            index++;
            if (keepingNumber) {
                text.append(b);
            }
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
        return malformedAtIndex(why);
    }

    private Token malformedAtIndex(String why) {
        state = State.MALFORMED;
        reason = why;
        return Token.MALFORMED;
    }
}

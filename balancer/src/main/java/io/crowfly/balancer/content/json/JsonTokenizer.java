package io.crowfly.balancer.content.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Tokenizer of one JSON object (RFC 8259) that reads chunks cut anywhere, in constant memory.
 *
 * <p>Crowfly has its own tokenizer because the available parsers collect text: Jackson's non-blocking parser copies
 * every string, and a request's prompt is one string. This tokenizer skips strings eight bytes at a time. For a key, it
 * reports only which of a few known names the key is. It keeps the text of a value only after {@link #keepNextText}.
 *
 * <p>The tokenizer is as strict as a parser, except that it does not check whether strings are valid UTF-8.
 */
public final class JsonTokenizer {

    public enum Token {
        /** The chunk contains no further complete token. */
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
        /** The document is not a JSON object. Every later call returns this token too. */
        MALFORMED
    }

    /**
     * Maximum nesting. Far deeper than any request seen, and well below the depth at which a backend's recursive parser
     * overflows its stack.
     */
    public static final int MAX_DEPTH = 512;

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
    private final ContainerStack containers = new ContainerStack(MAX_DEPTH);

    private State state = State.START;
    private boolean started;
    private String reason = "";
    private boolean tooDeep;

    /** Offset in the document of the chunk's index 0: added to an index, it gives the offset. */
    private long shift;

    private int index;
    private long offset;

    /** Offset in the document of the last string's opening quote. */
    private long stringStart;

    private int keyIndex = NameMatcher.NONE;
    private boolean keepNextValue;
    private boolean keepingNumber;

    private byte[] literal = TRUE;

    /**
     * Number of bytes read of a literal ({@code true}) or of the byte order mark; within a number, the state of {@link
     * JsonNumber}.
     */
    private int progress;

    /**
     * @param names the keys that the tokenizer recognises
     * @param textLimit maximum length of a requested text, in bytes of UTF-8
     */
    public JsonTokenizer(NameTable names, int textLimit) {
        this.names = new NameMatcher(names);
        this.text = new DecodedText(textLimit);
        this.string = new JsonString(this.names, text);
    }

    public void reset() {
        state = State.START;
        started = false;
        containers.clear();
        reason = "";
        tooDeep = false;
        offset = 0;
        keepNextValue = false;
    }

    /**
     * Reads to the end of the next token. Borrows the buffer for this call only.
     *
     * @param in a buffer of {@link ChunkView}, or another one in little-endian order
     * @param from index to continue at: the chunk's first byte, or {@link #index()} after the last token
     * @param to index after the chunk's last byte
     */
    public Token next(ByteBuffer in, int from, int to) {
        index = from;
        shift = offset - from;
        Token token = Token.MORE;
        while (token == Token.MORE && index < to) {
            token = switch (state) {
                case KEY_STRING, VALUE_STRING -> readString(in, to);
                case NUMBER -> readNumber(in, to);
                case LITERAL -> readLiteral(in.get(index++));
                case BYTE_ORDER_MARK -> readByteOrderMark(in.get(index++));
                case MALFORMED -> Token.MALFORMED;
                default -> readStructure(in.get(index++));
            };
        }
        offset = shift + index;
        return token;
    }

    /** Returns the index in the chunk after the last token. */
    public int index() {
        return index;
    }

    /** Returns the number of containers (objects and arrays) that are open after the last token. */
    public int depth() {
        return containers.depth();
    }

    /** Marks the container that the last token opened, for {@link #inMarkedContainer}. */
    public void markContainer() {
        containers.markInnermost();
    }

    /** Returns whether the innermost container that is open after the last token is marked. */
    public boolean inMarkedContainer() {
        return containers.innermostIsMarked();
    }

    /** Returns whether the innermost open container is marked and is an array. */
    boolean inMarkedArray() {
        return containers.innermostIsMarked() && !containers.innermostIsObject();
    }

    /** Returns whether the opening brace of the document's object has been read. */
    public boolean started() {
        return started;
    }

    /** Returns whether the document's object is closed and only white space has followed. */
    public boolean complete() {
        return state == State.AFTER_DOCUMENT;
    }

    /**
     * Returns the index, in the table of names, of the last key; {@link NameMatcher#NONE} if the key is none of the
     * names.
     */
    public int keyIndex() {
        return keyIndex;
    }

    /** Requests that the text of the next value is kept, if that value is a string or a number. */
    public void keepNextText() {
        keepNextValue = true;
    }

    /** Returns the text that {@link #keepNextText} requested. Must be read before the next token. */
    public DecodedText text() {
        return text;
    }

    /** Returns whether the last token, which must be a string, is empty. */
    public boolean emptyString() {
        return offset - stringStart == "\"\"".length();
    }

    /** Returns the offset in the document of the opening quote of the last token, which must be a string. */
    public long stringStart() {
        return stringStart;
    }

    /**
     * Returns the offset in the document after the last token. If the document is malformed: the offset of the byte
     * that is not allowed.
     */
    public long offset() {
        return offset;
    }

    /** Returns why the document is malformed, in a few words. */
    public String reason() {
        return reason;
    }

    /** Returns whether the document is malformed only because its nesting is too deep. */
    public boolean tooDeep() {
        return tooDeep;
    }

    private Token readStructure(byte b) {
        if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
            return Token.MORE;
        }
        return switch (state) {
            case VALUE -> startValue(b);
            case VALUE_OR_END -> b == ']' ? close(Token.END_ARRAY) : startValue(b);
            case KEY -> b == '"' ? startKey() : malformed("a key was expected");
            case KEY_OR_END -> startKeyOrClose(b);
            case COLON -> b == ':' ? proceed(State.VALUE) : malformed("a colon was expected");
            case COMMA_OR_END -> readCommaOrClose(b);
            case AFTER_DOCUMENT -> malformed("unexpected text after the object");
            default -> start(b);
        };
    }

    private Token start(byte b) {
        if (b == '{') {
            started = true;
            return open(true);
        }
        // A byte order mark is allowed only at the start: the sum is 1 only for the first byte of the document.
        if (b == BYTE_ORDER_MARK[0] && shift + index == 1) {
            progress = 1;
            return proceed(State.BYTE_ORDER_MARK);
        }
        return malformed("not an object");
    }

    private Token readByteOrderMark(byte b) {
        if (b != BYTE_ORDER_MARK[progress++]) {
            return malformed("not an object");
        }
        return progress == BYTE_ORDER_MARK.length ? proceed(State.START) : Token.MORE;
    }

    private Token startValue(byte b) {
        boolean keep = keepNextValue;
        keepNextValue = false;
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

    private Token startKeyOrClose(byte b) {
        if (b == '}') {
            return close(Token.END_OBJECT);
        }
        return b == '"' ? startKey() : malformed("a key or } was expected");
    }

    private Token readCommaOrClose(byte b) {
        boolean object = containers.innermostIsObject();
        if (b == ',') {
            return proceed(object ? State.KEY : State.VALUE);
        }
        if (b == (object ? '}' : ']')) {
            return close(object ? Token.END_OBJECT : Token.END_ARRAY);
        }
        return malformed(object ? "a comma or } was expected" : "a comma or ] was expected");
    }

    private Token open(boolean object) {
        if (containers.isFull()) {
            tooDeep = true;
            return malformed("nested too deep");
        }
        containers.open(object);
        state = object ? State.KEY_OR_END : State.VALUE_OR_END;
        return object ? Token.START_OBJECT : Token.START_ARRAY;
    }

    private Token close(Token token) {
        containers.close();
        state = containers.depth() == 0 ? State.AFTER_DOCUMENT : State.COMMA_OR_END;
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

    private Token readString(ByteBuffer in, int to) {
        JsonString.Progress progress = string.read(in, index, to);
        index = string.index();
        return switch (progress) {
            case MORE -> Token.MORE;
            case MALFORMED -> malformedAtIndex(string.reason());
            case ENDED -> {
                if (state == State.KEY_STRING) {
                    keyIndex = names.match();
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

    private Token readNumber(ByteBuffer in, int to) {
        while (index < to) {
            byte b = in.get(index);
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

    private Token readLiteral(byte b) {
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

    /** Ends reading with an error. Steps back to the byte that is not allowed. */
    private Token malformed(String cause) {
        index--;
        return malformedAtIndex(cause);
    }

    private Token malformedAtIndex(String cause) {
        state = State.MALFORMED;
        reason = cause;
        return Token.MALFORMED;
    }
}

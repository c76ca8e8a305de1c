package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * Reads what routing and second attempts need to know of a JSON request, a few of its top-level keys, while the body
 * passes. Only the name of the model is kept; see the package for ownership and threads.
 *
 * <p>Clients send the model before or after the prompt, so the name can be known after the first bytes or after the
 * last. It may be acted upon as soon as it is {@linkplain #modelKnown() known}; that it is the only one is certain only
 * when the body ends in the state {@link State#COMPLETE}. An empty body, and one that is cut short, ends
 * {@link State#UNDECIDED}.
 *
 * <p>What is called complete is an object by RFC 8259, at most {@value JsonTokenizer#MAX_DEPTH} containers deep, after a
 * byte order mark at most; only that strings are valid UTF-8 is not looked at. Keys are compared decoded.
 */
public final class RequestScanner {

    /** Longer than any name that is known of, deployments and publishers' paths included; in bytes of UTF-8. */
    public static final int MAX_MODEL_BYTES = 256;

    public enum State {
        /** An object, so far, that has not ended; or nothing but white space. */
        UNDECIDED,
        /** A whole object. Anything but white space after it makes it {@link #MALFORMED}. */
        COMPLETE,
        /** An array, a scalar, or no JSON at all, as the first character that counts tells. Final. */
        NOT_AN_OBJECT,
        /** Begins like an object but is not JSON, or is nested too deep. Final. */
        MALFORMED
    }

    /** What stands at the top-level key {@code model}, the first one where there are several. */
    public enum ModelField {
        ABSENT,
        NAME,
        /** A string of more than {@link #MAX_MODEL_BYTES}: no backend serves such a one. */
        TOO_LONG,
        NOT_A_STRING
    }

    private static final Names FIELDS =
            new Names("model", "stream", "store", "previous_response_id", "conversation", "background");
    private static final int MODEL = 0;
    private static final int STREAM = 1;
    private static final int STORE = 2;

    private final JsonTokenizer json = new JsonTokenizer(FIELDS, MAX_MODEL_BYTES);

    private State state = State.UNDECIDED;

    /** Which top-level key the next token is the value of. */
    private int field = NameMatcher.NONE;

    private ModelField modelField = ModelField.ABSENT;
    private Optional<String> model = Optional.empty();
    private long modelStart = -1;
    private long modelEnd = -1;
    private boolean modelKey;
    private boolean duplicateModel;
    private boolean stream;
    private boolean asksToStore;
    private boolean asksNotToStore;
    private boolean refersToStored;

    /** Looks at the next bytes of the body, however it is cut. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        if (state == State.MALFORMED || state == State.NOT_AN_OBJECT) {
            return;
        }
        int index = chunk.readerIndex();
        int end = chunk.writerIndex();
        for (Token token; (token = json.next(chunk, index, end)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                state = json.started() ? State.MALFORMED : State.NOT_AN_OBJECT;
                return;
            }
            if (field != NameMatcher.NONE) {
                value(token);
                field = NameMatcher.NONE;
            } else if (token == Token.KEY && json.depth() == 1) {
                key(json.name());
            }
            if (json.complete()) {
                state = State.COMPLETE;
            }
        }
    }

    public State state() {
        return state;
    }

    /** Why the body is malformed, in a few words without any of its content; empty while it is not. */
    public String reason() {
        return json.reason();
    }

    /** How many bytes have been looked at; of a malformed body, the offset of the byte that can't stand where it does. */
    public long offset() {
        return json.offset();
    }

    /** The model's name can be acted upon. */
    public boolean modelKnown() {
        return modelField == ModelField.NAME;
    }

    public ModelField modelField() {
        return modelField;
    }

    /** The model's name, decoded; the first where there are several. */
    public Optional<String> model() {
        return model;
    }

    /** The key occurs again: parsers differ in which they heed. */
    public boolean duplicateModel() {
        return duplicateModel;
    }

    /** Offset in the body of the opening quote of the model's name, a byte order mark counted; -1 while none is known. */
    public long modelStart() {
        return modelStart;
    }

    /** Offset in the body after the closing quote of the model's name; -1 while none is known. */
    public long modelEnd() {
        return modelEnd;
    }

    /** Whether {@code "stream": true} has been read. The last one counts, as most parsers have it. */
    public boolean stream() {
        return stream;
    }

    /** Whether {@code store} has been given any value but {@code false} and {@code null}, which stands for the default. */
    public boolean asksToStore() {
        return asksToStore;
    }

    /** Whether {@code "store": false} has been read, and no other value beside it. */
    public boolean asksNotToStore() {
        return asksNotToStore && !asksToStore;
    }

    /**
     * Whether the request goes on from something that a backend keeps, or has one keep it while it works: {@code
     * previous_response_id}, {@code conversation} or {@code background} is there and neither {@code null} nor {@code false}.
     */
    public boolean refersToStored() {
        return refersToStored;
    }

    private void key(int name) {
        field = name;
        if (name != MODEL) {
            return;
        }
        if (modelKey) {
            duplicateModel = true;
            field = NameMatcher.NONE;
        } else {
            modelKey = true;
            json.keepNextText();
        }
    }

    private void value(Token token) {
        boolean set = token != Token.NULL && token != Token.FALSE;
        if (field == STREAM) {
            stream = token == Token.TRUE;
        } else if (field == STORE) {
            asksToStore |= set;
            asksNotToStore |= token == Token.FALSE;
        } else if (field != MODEL) {
            refersToStored |= set;
        } else if (token != Token.STRING) {
            modelField = ModelField.NOT_A_STRING;
        } else if (json.text().tooLong()) {
            modelField = ModelField.TOO_LONG;
        } else {
            modelField = ModelField.NAME;
            model = Optional.of(json.text().toString());
            modelStart = json.stringStart();
            modelEnd = json.offset();
        }
    }
}

package io.crowfly.balancer.content;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.balancer.content.JsonTokenizer.Token;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Reads a JSON request, a few of its top-level keys and what it refers to, while the body passes.
 *
 * <p>What is called complete is an object by RFC 8259, at most {@value JsonTokenizer#MAX_DEPTH} containers deep, after a
 * byte order mark at most; only that strings are valid UTF-8 is not looked at. Keys are compared decoded.
 */
public final class RequestScanner implements BodyScanner {

    /** A conversation over many turns names a few of them; each costs a look-up. */
    static final int MAX_REFERENCES = 32;

    private static final Names KEYS = Names.withLastInAnyCase(
            "model",
            "stream",
            "store",
            "background",
            "id",
            "conversation",
            "previous_response_id",
            "response_id",
            "file_id",
            "file_ids",
            "input_file_id",
            "training_file",
            "validation_file",
            "vector_store_id",
            "vector_store_ids",
            "container",
            "container_id",
            "batch_id",
            "session",
            "model");
    private static final int MODEL = 0;
    private static final int STREAM = 1;
    private static final int STORE = 2;
    private static final int BACKGROUND = 3;
    private static final int ID = 4;
    private static final int CONVERSATION = 5;
    private static final int PREVIOUS_RESPONSE_ID = 6;

    private static final int SESSION = 18;

    /** With capitals in it: backends that are written in Go take it for {@code model}, others pass it over. */
    private static final int MISSPELT_MODEL = 19;

    /** From {@link #PREVIOUS_RESPONSE_ID} on, up to {@link #SESSION}. */
    private static final int IDS = -1 << PREVIOUS_RESPONSE_ID & ~(-1 << SESSION);

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_MODEL_BYTES);
    private final KeptIds references = new KeptIds(json, ID, CONVERSATION, IDS, MAX_REFERENCES);
    private final NamedModel model = new NamedModel();
    private final boolean readsSession;

    private State state = State.UNDECIDED;

    /** Which key the next token is the value of, if it is one that counts where it stands. */
    private int field = NameMatcher.NONE;

    /** Offset after the opening brace. */
    private long membersStart;

    private boolean empty = true;
    private boolean stream;
    private boolean asksToStore;
    private boolean asksNotToStore;
    private boolean refersToStored;
    private boolean inSession;

    private RequestScanner(boolean readsSession) {
        this.readsSession = readsSession;
    }

    /** Of a body that names its model itself. */
    public RequestScanner() {
        this(false);
    }

    /** Of one that may name it in its {@code session}, as what settles a realtime session beforehand does. */
    public static RequestScanner readingSession() {
        return new RequestScanner(true);
    }

    @Override
    public void scan(ByteBuf chunk) {
        if (state != State.UNDECIDED && state != State.COMPLETE) {
            return;
        }
        int index = chunk.readerIndex();
        int end = chunk.writerIndex();
        for (Token token; (token = json.next(chunk, index, end)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                state = unreadable();
                return;
            }
            if (token == Token.KEY) {
                key(json.name(), json.depth());
            } else {
                value(token);
            }
        }
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String reason() {
        return json.reason();
    }

    @Override
    public long offset() {
        return json.offset();
    }

    @Override
    public ModelField modelField() {
        return model.field();
    }

    @Override
    public Optional<String> model() {
        return model.name();
    }

    @Override
    public boolean duplicateModel() {
        return model.duplicate();
    }

    /** Offset in the body of the opening quote of the model's name, a byte order mark counted; -1 while none is known. */
    long modelStart() {
        return model.start();
    }

    /** Offset in the body after the closing quote of the model's name; -1 while none is known. */
    long modelEnd() {
        return model.end();
    }

    /** Whether {@code "stream": true} has been read. The last one counts, as most parsers have it. */
    @Override
    public boolean stream() {
        return stream;
    }

    @Override
    public boolean asksToStore() {
        return asksToStore;
    }

    @Override
    public boolean asksNotToStore() {
        return asksNotToStore && !asksToStore;
    }

    @Override
    public boolean refersToStored() {
        return refersToStored;
    }

    @Override
    public List<String> references() {
        return references.list();
    }

    @Override
    public SpanEdit rename(String name) {
        String text = new String(JsonStringEncoder.getInstance().quoteAsString(name));
        if (modelKnown()) {
            return new SpanEdit(model.start(), model.end(), utf8("\"" + text + "\""));
        }
        if (state != State.COMPLETE || model.field() != ModelField.ABSENT) {
            throw new IllegalStateException("no place for a name: " + state + ", " + model.field());
        }
        return new SpanEdit(membersStart, membersStart, utf8("\"model\":\"" + text + (empty ? "\"" : "\",")));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private State unreadable() {
        if (json.tooDeep()) {
            return State.TOO_DEEP;
        }
        return json.started() ? State.MALFORMED : State.NOT_AN_OBJECT;
    }

    private void key(int name, int depth) {
        references.key(name, false);
        if (depth == 1) {
            empty = false;
            boolean counts = name <= PREVIOUS_RESPONSE_ID || name == SESSION && readsSession;
            field = counts ? name : NameMatcher.NONE;
        }
        boolean namesModel = name == MODEL || name == MISSPELT_MODEL;
        if (namesModel && (depth == 1 || depth == 2 && inSession)) {
            field = model.begin() ? name : NameMatcher.NONE;
            if (field == MODEL) {
                json.keepNextText();
            }
        }
    }

    private void value(Token token) {
        references.value(token);
        if (field != NameMatcher.NONE) {
            valueOf(field, token);
            field = NameMatcher.NONE;
        } else if (token == Token.END_OBJECT && json.depth() == 1) {
            inSession = false;
        }
        if (json.complete()) {
            state = State.COMPLETE;
        } else if (token == Token.START_OBJECT && json.depth() == 1) {
            membersStart = json.offset();
        }
    }

    private void valueOf(int name, Token token) {
        boolean set = token != Token.NULL && token != Token.FALSE;
        switch (name) {
            case MODEL -> {
                if (token == Token.STRING) {
                    model.is(json.text(), json.stringStart(), json.offset());
                } else {
                    model.isNotAString();
                }
            }
            case MISSPELT_MODEL -> model.isMisspelt();
            case SESSION -> inSession = token == Token.START_OBJECT;
            case STREAM -> stream = token == Token.TRUE;
            case STORE -> {
                asksToStore |= set;
                asksNotToStore |= token == Token.FALSE;
            }
            case BACKGROUND, CONVERSATION, PREVIOUS_RESPONSE_ID -> refersToStored |= set;
            default -> {}
        }
    }
}

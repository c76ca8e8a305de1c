package io.crowfly.balancer.content.request;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.balancer.content.json.ChunkView;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.crowfly.balancer.content.json.StateIds;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Scanner of a JSON request body: reads the model, a few other top-level keys, and the ids of stored objects, while the
 * body passes.
 *
 * <p>A complete body is one object by RFC 8259, at most {@value JsonTokenizer#MAX_DEPTH} containers deep, optionally
 * after a byte order mark. The scanner does not check whether strings are valid UTF-8. Keys are compared after
 * decoding.
 */
public final class RequestScanner extends BodyScanner {

    /** Maximum number of ids that are kept. A long conversation refers to a few ids, and each id costs a lookup. */
    static final int MAX_REFERENCES = 32;

    private static final NameTable KEYS = NameTable.withLastMatchedLoosely(
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

    /**
     * {@code model} with capital letters, or with a NUL character after it. Backends written in Go ignore the case of
     * keys, and parsers written in C end a key at the NUL. Other backends ignore such a key.
     */
    private static final int MISSPELT_MODEL = 19;

    /** All keys from {@link #PREVIOUS_RESPONSE_ID} up to, but not including, {@link #SESSION}. */
    private static final int ID_KEYS = -1 << PREVIOUS_RESPONSE_ID & ~(-1 << SESSION);

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_MODEL_BYTES);
    private final StateIds referencedIds = new StateIds(json, ID, CONVERSATION, ID_KEYS, MAX_REFERENCES);
    private final boolean readsSession;

    /** Key of the next value, if the scanner reads this key at this depth; otherwise {@link NameMatcher#NONE}. */
    private int currentKey = NameMatcher.NONE;

    /** Offset after the opening brace, where a missing model is inserted. */
    private long membersStart;

    private boolean objectEmpty = true;
    private boolean storeEnabled;
    private boolean continuesResponse;
    private boolean mustRunOnce;
    private boolean inSession;

    private RequestScanner(boolean readsSession) {
        this.readsSession = readsSession;
    }

    /** Creates a scanner of a body that names its model at the top level. */
    public RequestScanner() {
        this(false);
    }

    /**
     * Returns a scanner of a body that may name its model in {@code session}, as a request for a realtime client secret
     * does.
     */
    public static RequestScanner readingSession() {
        return new RequestScanner(true);
    }

    @Override
    public void scan(ByteBuf chunk) {
        ChunkView.scan(chunk, this::scan);
    }

    private void scan(ByteBuffer bytes) {
        if (state() != State.UNDECIDED && state() != State.COMPLETE) {
            return;
        }
        int index = 0;
        for (Token token; (token = json.next(bytes, index, bytes.limit())) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                setState(stateOfInvalidBody());
                return;
            }
            if (token == Token.KEY) {
                onKey(json.keyIndex(), json.depth());
            } else {
                onValue(token);
            }
        }
    }

    @Override
    public String reason() {
        return json.reason();
    }

    @Override
    public long offset() {
        return json.offset();
    }

    /**
     * Returns the offset in the body of the opening quote of the model's name. A byte order mark is counted. -1 while
     * the name is unknown.
     */
    long modelStart() {
        return model.start();
    }

    /** Returns the offset in the body after the closing quote of the model's name; -1 while the name is unknown. */
    long modelEnd() {
        return model.end();
    }

    @Override
    public boolean storeEnabled() {
        return storeEnabled;
    }

    @Override
    public boolean continuesResponse() {
        return continuesResponse;
    }

    @Override
    public boolean mustRunOnce() {
        return mustRunOnce;
    }

    @Override
    public List<String> referencedIds() {
        return referencedIds.ids();
    }

    @Override
    String asValue(String name) {
        return '"' + escaped(name) + '"';
    }

    @Override
    String asField(String name) {
        return "\"model\":\"" + escaped(name) + (objectEmpty ? "\"" : "\",");
    }

    @Override
    long insertionPoint() {
        return membersStart;
    }

    private static String escaped(String name) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(name));
    }

    private State stateOfInvalidBody() {
        if (json.tooDeep()) {
            return State.TOO_DEEP;
        }
        return json.started() ? State.MALFORMED : State.NOT_AN_OBJECT;
    }

    private void onKey(int key, int depth) {
        referencedIds.onKey(key, false);
        if (depth == 1) {
            objectEmpty = false;
            boolean isRead = key <= PREVIOUS_RESPONSE_ID || key == SESSION && readsSession;
            currentKey = isRead ? key : NameMatcher.NONE;
        }
        boolean namesModel = key == MODEL || key == MISSPELT_MODEL;
        if (namesModel && (depth == 1 || depth == 2 && inSession)) {
            currentKey = model.startValue() ? key : NameMatcher.NONE;
            if (currentKey == MODEL) {
                json.keepNextText();
            }
        }
    }

    private void onValue(Token token) {
        referencedIds.onValue(token);
        if (currentKey != NameMatcher.NONE) {
            onReadValue(currentKey, token);
            currentKey = NameMatcher.NONE;
        } else if (token == Token.END_OBJECT && json.depth() == 1) {
            inSession = false;
        }
        if (json.complete()) {
            setState(State.COMPLETE);
        } else if (token == Token.START_OBJECT && json.depth() == 1) {
            membersStart = json.offset();
        }
    }

    private void onReadValue(int key, Token token) {
        boolean present = token != Token.NULL && token != Token.FALSE;
        switch (key) {
            case MODEL -> {
                if (token == Token.STRING) {
                    model.setString(json.text(), json.stringStart(), json.offset());
                } else {
                    model.setNotAString();
                }
            }
            case MISSPELT_MODEL -> model.setMisspelt();
            case SESSION -> inSession = token == Token.START_OBJECT;
            case STREAM -> setStreamRequested(token == Token.TRUE);
            case STORE -> storeEnabled |= present;
            case BACKGROUND, CONVERSATION -> mustRunOnce |= present;
            case PREVIOUS_RESPONSE_ID -> continuesResponse |= present;
            default -> {}
        }
    }
}

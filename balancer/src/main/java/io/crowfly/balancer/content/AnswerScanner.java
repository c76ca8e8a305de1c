package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Reads from a JSON answer, while it passes, the ids of what the backend now keeps and what the answer has cost. See the package
 * for ownership and threads. An answer that is no JSON object says nothing, and takes no time.
 */
public final class AnswerScanner {

    /** A page of a list, as clients ask for them. */
    static final int MAX_IDS = 100;

    private static final Names KEYS = new Names(
            "id",
            "data",
            "conversation",
            "usage",
            "prompt_tokens",
            "input_tokens",
            "completion_tokens",
            "output_tokens",
            "output_file_id",
            "error_file_id",
            "container_id");
    private static final int ID = 0;
    private static final int DATA = 1;
    private static final int CONVERSATION = 2;
    private static final int USAGE = 3;
    private static final int INPUT = 4;
    private static final int OUTPUT = 6;
    private static final int OUTPUT_FILE_ID = 8;

    /** From {@link #OUTPUT_FILE_ID} on. */
    private static final int IDS = -1 << OUTPUT_FILE_ID;

    /** Where the keys stand: {@code {"data":[{"id":…}]}}. */
    private static final int TOP = 1;

    private static final int IN_LISTED = 3;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, KeptIds.MAX_ID_BYTES);
    private final KeptIds ids = new KeptIds(json, ID, CONVERSATION, IDS, MAX_IDS);
    private final UsageFields usage = new UsageFields(json, USAGE, INPUT, OUTPUT);

    /** The top-level key that the next token is the value of, or {@link NameMatcher#NONE}. */
    private int field = NameMatcher.NONE;

    private boolean inData;

    /** Looks at the next bytes of the answer, however it is cut. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        int index = chunk.readerIndex();
        int end = chunk.writerIndex();
        for (Token token; (token = json.next(chunk, index, end)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            }
            if (token == Token.KEY) {
                key(json.name(), json.depth());
            } else {
                value(token);
            }
        }
    }

    /**
     * The ids so far of what the backend keeps: the answer's own, those of the things it lists, and those it refers to; each
     * once, at most {@value #MAX_IDS} of at most {@value KeptIds#MAX_ID_BYTES} bytes. That of a chat completion is among them,
     * though it is kept only if the request asked for it.
     */
    public List<String> ids() {
        return ids.list();
    }

    public Optional<Usage> usage() {
        return usage.usage();
    }

    private void key(int name, int depth) {
        ids.key(name, depth == TOP || depth == IN_LISTED && inData);
        usage.key(name, depth == TOP);
        if (depth == TOP) {
            field = name;
        }
    }

    private void value(Token token) {
        ids.value(token);
        usage.value(token);
        if (field == DATA) {
            inData = token == Token.START_ARRAY;
        } else {
            inData &= json.depth() > TOP;
        }
        field = NameMatcher.NONE;
    }
}

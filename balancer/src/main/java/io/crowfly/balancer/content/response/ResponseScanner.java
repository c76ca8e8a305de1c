package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.ChunkView;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.crowfly.balancer.content.json.StateIds;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Scanner of a JSON response that reads the token usage and the ids of stored objects, while the body passes. See the
 * package {@code content} for ownership and threads. For a response that is not a JSON object, the results are empty
 * and the cost is almost zero.
 */
public final class ResponseScanner {

    /** Maximum number of ids that are kept: the largest page of a list that clients request. */
    static final int MAX_IDS = 100;

    private static final NameTable KEYS = new NameTable(
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

    /** All keys from {@link #OUTPUT_FILE_ID} to the last one. */
    private static final int ID_KEYS = -1 << OUTPUT_FILE_ID;

    /** Depths of the keys that are read: the top level, and the items of a list as in {@code {"data":[{"id":…}]}}. */
    private static final int TOP = 1;

    private static final int IN_LIST_ITEM = 3;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, StateIds.MAX_ID_BYTES);
    private final StateIds ids = new StateIds(json, ID, CONVERSATION, ID_KEYS, MAX_IDS);
    private final UsageReader usage = new UsageReader(json, USAGE, INPUT, OUTPUT);

    /** Top-level key of the next value; {@link NameMatcher#NONE} otherwise. */
    private int topLevelKey = NameMatcher.NONE;

    private boolean inData;

    /** Reads the next bytes of the response, cut anywhere. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        ChunkView.scan(chunk, this::scan);
    }

    private void scan(ByteBuffer bytes) {
        int index = 0;
        for (Token token; (token = json.next(bytes, index, bytes.limit())) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            }
            if (token == Token.KEY) {
                onKey(json.keyIndex(), json.depth());
            } else {
                onValue(token);
            }
        }
    }

    /**
     * Returns the ids of stored objects so far: the response's own id, those of listed objects, and those to which the
     * response refers. Each id occurs once. At most {@value #MAX_IDS} ids of at most {@value StateIds#MAX_ID_BYTES}
     * bytes are kept. The id of a chat completion is included, although a backend stores one only if the request
     * enables {@code store}.
     */
    public List<String> ids() {
        return ids.ids();
    }

    public Optional<Usage> usage() {
        return usage.usage();
    }

    private void onKey(int key, int depth) {
        ids.onKey(key, depth == TOP || depth == IN_LIST_ITEM && inData);
        usage.onKey(key, depth == TOP);
        if (depth == TOP) {
            topLevelKey = key;
        }
    }

    private void onValue(Token token) {
        ids.onValue(token);
        usage.onValue(token);
        if (topLevelKey == DATA) {
            inData = token == Token.START_ARRAY;
        } else {
            inData &= json.depth() > TOP;
        }
        topLevelKey = NameMatcher.NONE;
    }
}

package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.crowfly.balancer.content.json.StateIds;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Scanner of the JSON object in one event of a token stream: finds content, errors, ids and usage. It reads pieces of a
 * chat completion ({@code choices[].delta}) or of a plain one ({@code choices[].text}), and events of the Responses API
 * (top-level {@code type}). The order of keys does not matter, so the results are valid only once the object is
 * {@linkplain #complete() complete}.
 */
final class EventDataScanner {

    private static final NameTable KEYS = new NameTable(
            "choices",
            "delta",
            "content",
            "reasoning_content",
            "tool_calls",
            "type",
            "error",
            "text",
            "response",
            "id",
            "conversation",
            "usage",
            "prompt_tokens",
            "input_tokens",
            "completion_tokens",
            "output_tokens");
    private static final int CHOICES = 0;
    private static final int DELTA = 1;
    private static final int CONTENT = 2;
    private static final int REASONING_CONTENT = 3;
    private static final int TOOL_CALLS = 4;
    private static final int TYPE = 5;
    private static final int ERROR = 6;
    private static final int TEXT = 7;
    private static final int RESPONSE = 8;
    private static final int ID = 9;
    private static final int CONVERSATION = 10;
    private static final int USAGE = 11;
    private static final int INPUT = 12;
    private static final int OUTPUT = 14;

    /**
     * Depths of the keys that are read: those in {@code {"choices":[{"delta":{"content":…}}]}} and in {@code
     * {"response":{"id":…}}}.
     */
    private static final int TOP = 1;

    private static final int IN_RESPONSE = 2;

    private static final int IN_CHOICE = 3;
    private static final int IN_DELTA = 4;

    /** Maximum length of an event type, in bytes. Types are a few words: {@code response.mcp_call_arguments.delta}. */
    private static final int MAX_TYPE = 128;

    /**
     * Maximum number of ids that are kept. Enough for a response, its conversation, and one reasoning item for each
     * step of the model.
     */
    private static final int MAX_IDS = 32;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_TYPE);
    private final StateIds ids = new StateIds(json, ID, CONVERSATION, 0, MAX_IDS);
    private final UsageReader usage = new UsageReader(json, USAGE, INPUT, OUTPUT);

    /** Key of the next value, if the scanner reads this key at this depth; otherwise {@link NameMatcher#NONE}. */
    private int currentKey;

    private boolean inChoices;
    private boolean inDelta;
    private boolean inResponse;

    /**
     * Whether the last token opened an array or object at a content key. The next token shows whether the container is
     * empty, which is no content.
     */
    private boolean openedContent;

    private boolean content;
    private boolean error;
    private boolean streamEnd;

    EventDataScanner() {
        reset();
    }

    void reset() {
        json.reset();
        ids.reset();
        usage.reset();
        currentKey = NameMatcher.NONE;
        inChoices = false;
        inDelta = false;
        inResponse = false;
        openedContent = false;
        content = false;
        error = false;
        streamEnd = false;
    }

    void scan(ByteBuf in, int from, int to) {
        int index = from;
        for (Token token; (token = json.next(in, index, to)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            }
            if (openedContent) {
                openedContent = false;
                content |= token != Token.END_ARRAY && token != Token.END_OBJECT;
            }
            if (token == Token.KEY) {
                onKey(json.keyIndex(), json.depth());
            } else {
                ids.onValue(token);
                usage.onValue(token);
                onValue(token);
                currentKey = NameMatcher.NONE;
            }
        }
    }

    boolean complete() {
        return json.complete();
    }

    /** Returns whether the event contains a token or a part of one. */
    boolean carriesContent() {
        return content;
    }

    /** Returns whether the event reports that the response has failed. */
    boolean reportsError() {
        return error;
    }

    /** Returns whether the event is the last of its stream. */
    boolean endsStream() {
        return streamEnd;
    }

    /** Returns the ids of stored objects in all events so far. */
    List<String> ids() {
        return ids.ids();
    }

    /** Returns the last usage that any event so far has reported. */
    Optional<Usage> usage() {
        return usage.usage();
    }

    private void onKey(int key, int depth) {
        boolean isResponseField = depth == TOP || depth == IN_RESPONSE && inResponse;
        ids.onKey(key, isResponseField);
        usage.onKey(key, isResponseField);
        boolean isRead =
                switch (key) {
                    case CHOICES, TYPE, ERROR, RESPONSE -> depth == TOP;
                    case DELTA, TEXT -> depth == IN_CHOICE && inChoices;
                    case CONTENT, REASONING_CONTENT, TOOL_CALLS -> depth == IN_DELTA && inDelta;
                    default -> false;
                };
        currentKey = isRead ? key : NameMatcher.NONE;
        if (currentKey == TYPE) {
            json.keepNextText();
        }
    }

    private void onValue(Token token) {
        switch (currentKey) {
            case CHOICES -> inChoices = token == Token.START_ARRAY;
            case DELTA -> inDelta = token == Token.START_OBJECT;
            case RESPONSE -> inResponse = token == Token.START_OBJECT;
            case CONTENT, REASONING_CONTENT, TOOL_CALLS, TEXT -> {
                content |= token == Token.STRING && !json.emptyString();
                openedContent = token == Token.START_ARRAY || token == Token.START_OBJECT;
            }
            case TYPE -> readType(token);
            case ERROR -> error |= isTruthy(token);
            default -> {
                inChoices &= json.depth() > TOP;
                inResponse &= json.depth() > TOP;
                inDelta &= json.depth() > IN_CHOICE;
            }
        }
    }

    private void readType(Token token) {
        if (token != Token.STRING) {
            return;
        }
        String type = json.text().toString();
        switch (type) {
            case "response.completed", "response.incomplete" -> streamEnd = true;
            case "response.failed" -> {
                streamEnd = true;
                error = true;
            }
            case "error" -> error = true;
            default -> content |= type.startsWith("response.") && type.endsWith(".delta");
        }
    }

    /**
     * Returns whether JavaScript would treat the value as true. Client libraries treat such a value of {@code error} as
     * an error.
     */
    private boolean isTruthy(Token token) {
        return switch (token) {
            case START_OBJECT, START_ARRAY, TRUE, NUMBER -> true;
            case STRING -> !json.emptyString();
            default -> false;
        };
    }
}

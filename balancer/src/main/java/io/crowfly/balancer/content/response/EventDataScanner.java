package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.crowfly.balancer.content.json.StateIds;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/*
 * Content, for each API. This class is the only place that defines it; the first event with content is the first token:
 *
 *   chat completions   a non-empty `content`, `reasoning_content`, `reasoning`, `refusal`, `audio`, `tool_calls` or
 *                      `function_call` in `choices[].delta`; a `finish_reason`, because an empty completion is one too
 *   completions        a non-empty `choices[].text`; a `finish_reason`
 *   Responses API      every `type` except those that EventType lists as preparation or failure
 *   others             every event that is neither an error nor one of the above
 *
 * No content: a delta that only names the role, a chunk without choices (Azure's `prompt_filter_results`, the usage at
 * the end), `response.created` and the like, an empty object.
 */

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
            "type",
            "error",
            "response",
            "id",
            "conversation",
            "usage",
            "prompt_tokens",
            "input_tokens",
            "completion_tokens",
            "output_tokens",
            "status",
            "code",
            "finish_reason",
            "text",
            "content",
            "reasoning_content",
            "reasoning",
            "refusal",
            "audio",
            "tool_calls",
            "function_call");
    private static final int CHOICES = 0;
    private static final int DELTA = 1;
    private static final int TYPE = 2;
    private static final int ERROR = 3;
    private static final int RESPONSE = 4;
    private static final int ID = 5;
    private static final int CONVERSATION = 6;
    private static final int USAGE = 7;
    private static final int INPUT = 8;
    private static final int OUTPUT = 10;
    private static final int STATUS = 12;
    private static final int CODE = 13;
    private static final int FINISH_REASON = 14;
    private static final int TEXT = 15;

    /** First of the keys of a delta whose value is content. All later names are such keys. */
    private static final int FIRST_DELTA_CONTENT = 16;

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
    private final ErrorReader reported = new ErrorReader(json, ERROR, STATUS, CODE, TYPE);

    /** Key of the next value, if the scanner reads this key at this depth; otherwise {@link NameMatcher#NONE}. */
    private int currentKey;

    private EventType type = EventType.ABSENT;
    private boolean hasKeys;
    private boolean hasChoices;
    private boolean inChoices;
    private boolean inDelta;
    private boolean inResponse;

    /**
     * Whether the last token opened an array or object at a content key. The next token shows whether the container is
     * empty, which is no content.
     */
    private boolean openedContent;

    private boolean tokenInChoices;
    private boolean finishReason;
    private boolean error;

    EventDataScanner() {
        reset();
    }

    void reset() {
        json.reset();
        ids.reset();
        usage.reset();
        reported.reset();
        currentKey = NameMatcher.NONE;
        type = EventType.ABSENT;
        hasKeys = false;
        hasChoices = false;
        inChoices = false;
        inDelta = false;
        inResponse = false;
        openedContent = false;
        tokenInChoices = false;
        finishReason = false;
        error = false;
    }

    void scan(ByteBuffer in, int from, int to) {
        int index = from;
        for (Token token; (token = json.next(in, index, to)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            }
            if (openedContent) {
                openedContent = false;
                tokenInChoices |= token != Token.END_ARRAY && token != Token.END_OBJECT;
            }
            if (token == Token.KEY) {
                onKey(json.keyIndex(), json.depth());
            } else {
                ids.onValue(token);
                usage.onValue(token);
                reported.onValue(token);
                onValue(token);
                currentKey = NameMatcher.NONE;
            }
        }
    }

    boolean complete() {
        return json.complete();
    }

    /** Returns whether the event is content: the first such event of a stream is the first token. */
    boolean carriesContent() {
        if (hasChoices) {
            return tokenInChoices || finishReason;
        }
        return type == EventType.ABSENT ? hasKeys && !error : type.carriesContent();
    }

    /** Returns whether the event contains a token or a part of one, so that it counts for the time between tokens. */
    boolean carriesToken() {
        return tokenInChoices || type == EventType.DELTA;
    }

    /** Returns whether the event reports that the response has failed. */
    boolean reportsError() {
        return error || type.reportsError();
    }

    /** Returns what an event that {@linkplain #reportsError reports an error} says about the error. */
    ReportedError error() {
        return reported.error();
    }

    /** Returns whether the event is the last of its stream. */
    boolean endsStream() {
        return type.endsStream();
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
        reported.onKey(key, isResponseField, depth == TOP);
        hasKeys = true;
        boolean isRead =
                switch (key) {
                    case CHOICES, TYPE, ERROR, RESPONSE -> depth == TOP;
                    case DELTA, TEXT, FINISH_REASON -> depth == IN_CHOICE && inChoices;
                    default -> key >= FIRST_DELTA_CONTENT && depth == IN_DELTA && inDelta;
                };
        currentKey = isRead ? key : NameMatcher.NONE;
        if (currentKey == TYPE) {
            json.keepNextText();
        }
    }

    private void onValue(Token token) {
        switch (currentKey) {
            case NameMatcher.NONE -> {
                inChoices &= json.depth() > TOP;
                inResponse &= json.depth() > TOP;
                inDelta &= json.depth() > IN_CHOICE;
            }
            case CHOICES -> {
                hasChoices = true;
                inChoices = token == Token.START_ARRAY;
            }
            case DELTA -> inDelta = token == Token.START_OBJECT;
            case RESPONSE -> inResponse = token == Token.START_OBJECT;
            case FINISH_REASON -> finishReason |= token == Token.STRING && !json.emptyString();
            case TYPE -> readType(token);
            case ERROR -> error |= isTruthy(token);
            default -> {
                tokenInChoices |= token == Token.STRING && !json.emptyString();
                openedContent = token == Token.START_ARRAY || token == Token.START_OBJECT;
            }
        }
    }

    private void readType(Token token) {
        if (token == Token.STRING) {
            type = EventType.of(json.text());
            if (type == EventType.NAMED_ERROR) {
                reported.onEventType(json.text());
            }
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

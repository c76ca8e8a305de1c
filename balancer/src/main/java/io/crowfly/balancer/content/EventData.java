package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * What the JSON of one event says: a piece of a chat completion ({@code choices[].delta}) or of a plain one ({@code
 * choices[].text}), or an event of the Responses API (top-level {@code type}). The order of keys doesn't matter, so the answers count once the object is
 * {@linkplain #complete() complete}.
 */
final class EventData {

    private static final Names KEYS = new Names(
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

    /** Where the keys stand: {@code {"choices":[{"delta":{"content":…}}]}}, and {@code {"response":{"id":…}}}. */
    private static final int TOP = 1;

    private static final int IN_RESPONSE = 2;

    private static final int IN_CHOICE = 3;
    private static final int IN_DELTA = 4;

    /** Types are a few words: {@code response.mcp_call_arguments.delta}. In bytes. */
    private static final int MAX_TYPE = 128;

    /** A response, its conversation, and an item for each time that the model has thought. */
    private static final int MAX_IDS = 32;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_TYPE);
    private final KeptIds ids = new KeptIds(json, ID, CONVERSATION, 0, MAX_IDS);
    private final UsageFields usage = new UsageFields(json, USAGE, INPUT, OUTPUT);

    /** The key that the next token is the value of, or {@link NameMatcher#NONE}. */
    private int key;

    private boolean inChoices;
    private boolean inDelta;
    private boolean inResponse;

    /** The last token opened an array or object that is content unless it is empty. */
    private boolean openedContent;

    private boolean content;
    private boolean error;
    private boolean end;

    EventData() {
        reset();
    }

    void reset() {
        json.reset();
        ids.reset();
        usage.reset();
        key = NameMatcher.NONE;
        inChoices = false;
        inDelta = false;
        inResponse = false;
        openedContent = false;
        content = false;
        error = false;
        end = false;
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
                key(json.name(), json.depth());
            } else {
                ids.value(token);
                usage.value(token);
                value(token);
                key = NameMatcher.NONE;
            }
        }
    }

    boolean complete() {
        return json.complete();
    }

    /** It carries a token, or part of one. */
    boolean carriesContent() {
        return content;
    }

    /** It says that the answer has failed. */
    boolean reportsError() {
        return error;
    }

    /** It is the last of its stream. */
    boolean endsStream() {
        return end;
    }

    /** The ids in all events so far of what the backend keeps. */
    List<String> ids() {
        return ids.list();
    }

    /** The last that any event so far has reported. */
    Optional<Usage> usage() {
        return usage.usage();
    }

    private void key(int name, int depth) {
        boolean ofAnswer = depth == TOP || depth == IN_RESPONSE && inResponse;
        ids.key(name, ofAnswer);
        usage.key(name, ofAnswer);
        boolean known =
                switch (name) {
                    case CHOICES, TYPE, ERROR, RESPONSE -> depth == TOP;
                    case DELTA, TEXT -> depth == IN_CHOICE && inChoices;
                    case CONTENT, REASONING_CONTENT, TOOL_CALLS -> depth == IN_DELTA && inDelta;
                    default -> false;
                };
        key = known ? name : NameMatcher.NONE;
        if (key == TYPE) {
            json.keepNextText();
        }
    }

    private void value(Token token) {
        switch (key) {
            case CHOICES -> inChoices = token == Token.START_ARRAY;
            case DELTA -> inDelta = token == Token.START_OBJECT;
            case RESPONSE -> inResponse = token == Token.START_OBJECT;
            case CONTENT, REASONING_CONTENT, TOOL_CALLS, TEXT -> {
                content |= token == Token.STRING && !json.emptyString();
                openedContent = token == Token.START_ARRAY || token == Token.START_OBJECT;
            }
            case TYPE -> type(token);
            case ERROR -> error |= isTruthy(token);
            default -> {
                inChoices &= json.depth() > TOP;
                inResponse &= json.depth() > TOP;
                inDelta &= json.depth() > IN_CHOICE;
            }
        }
    }

    private void type(Token token) {
        if (token != Token.STRING) {
            return;
        }
        String type = json.text().toString();
        switch (type) {
            case "response.completed", "response.incomplete" -> end = true;
            case "response.failed" -> {
                end = true;
                error = true;
            }
            case "error" -> error = true;
            default -> content |= type.startsWith("response.") && type.endsWith(".delta");
        }
    }

    /** Clients' libraries take any truthy {@code error} for one; in case of doubt, as JavaScript has it. */
    private boolean isTruthy(Token token) {
        return switch (token) {
            case START_OBJECT, START_ARRAY, TRUE, NUMBER -> true;
            case STRING -> !json.emptyString();
            default -> false;
        };
    }
}

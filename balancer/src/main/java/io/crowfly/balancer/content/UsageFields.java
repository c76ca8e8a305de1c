package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import java.util.Optional;

/** Reads the numbers of a {@code usage} object, in the words of chat completions or of the Responses API. */
final class UsageFields {

    private final JsonTokenizer json;
    private final int usage;
    private final int input;
    private final int output;

    private boolean awaited;

    /** Depth of the object's keys, or 0 outside of it. */
    private int depth;

    /** Which of the counts the next token is, or {@link NameMatcher#NONE}. */
    private int count = NameMatcher.NONE;

    private long inputTokens = -1;
    private long outputTokens = -1;

    /**
     * @param usage which of the tokenizer's names is {@code usage}
     * @param input the first of its two names for what went in; the other follows
     * @param output the first of its two names for what came out; the other follows
     */
    UsageFields(JsonTokenizer json, int usage, int input, int output) {
        this.json = json;
        this.usage = usage;
        this.input = input;
        this.output = output;
    }

    /** Another document begins. The last counts stay. */
    void reset() {
        awaited = false;
        depth = 0;
        count = NameMatcher.NONE;
    }

    /** The tokenizer has come to a key. @param expected whether {@code usage} can stand here */
    void key(int name, boolean expected) {
        if (name == usage) {
            awaited = expected;
        } else if (depth > 0 && json.depth() == depth && isCount(name)) {
            count = name;
            json.keepNextText();
        }
    }

    /** The tokenizer has come to any other token. */
    void value(Token token) {
        if (count != NameMatcher.NONE) {
            if (token == Token.NUMBER) {
                set(json.text().toCount());
            }
            count = NameMatcher.NONE;
        } else if (awaited) {
            depth = token == Token.START_OBJECT ? json.depth() : 0;
            awaited = false;
        } else if (token == Token.END_OBJECT && json.depth() < depth) {
            depth = 0;
        }
    }

    /** The last counts read. */
    Optional<Usage> usage() {
        return inputTokens < 0 && outputTokens < 0
                ? Optional.empty()
                : Optional.of(new Usage(Math.max(0, inputTokens), Math.max(0, outputTokens)));
    }

    private boolean isCount(int name) {
        return name == input || name == input + 1 || name == output || name == output + 1;
    }

    private void set(long number) {
        if (number < 0) {
            return;
        }
        if (count == input || count == input + 1) {
            inputTokens = number;
        } else {
            outputTokens = number;
        }
    }
}

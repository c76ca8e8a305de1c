package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import java.util.Optional;

/**
 * Reader of the token counts in a response's {@code usage} object, with the keys of chat completions or of the
 * Responses API.
 */
final class UsageReader {

    private final JsonTokenizer json;
    private final int usageKey;
    private final int firstInputKey;
    private final int firstOutputKey;

    private boolean usageExpected;

    /** Depth of the keys in the {@code usage} object; 0 outside the object. */
    private int depth;

    /** Key of the count that the next token is; {@link NameMatcher#NONE} if it is no count. */
    private int currentCount = NameMatcher.NONE;

    private long inputTokens = -1;
    private long outputTokens = -1;

    /**
     * @param usageKey index of {@code usage} among the tokenizer's names
     * @param firstInputKey index of the first of two names for input tokens; the second follows
     * @param firstOutputKey index of the first of two names for output tokens; the second follows
     */
    UsageReader(JsonTokenizer json, int usageKey, int firstInputKey, int firstOutputKey) {
        this.json = json;
        this.usageKey = usageKey;
        this.firstInputKey = firstInputKey;
        this.firstOutputKey = firstOutputKey;
    }

    /** Prepares for another document. The last counts are kept. */
    void reset() {
        usageExpected = false;
        depth = 0;
        currentCount = NameMatcher.NONE;
    }

    /**
     * Handles a key token.
     *
     * @param allowedHere whether {@code usage} is expected at this depth
     */
    void onKey(int key, boolean allowedHere) {
        if (key == usageKey) {
            usageExpected = allowedHere;
        } else if (depth > 0 && json.depth() == depth && isCount(key)) {
            currentCount = key;
            json.keepNextText();
        }
    }

    /** Handles any token that is not a key. */
    void onValue(Token token) {
        if (currentCount != NameMatcher.NONE) {
            if (token == Token.NUMBER) {
                set(json.text().parseDecimal());
            }
            currentCount = NameMatcher.NONE;
        } else if (usageExpected) {
            depth = token == Token.START_OBJECT ? json.depth() : 0;
            usageExpected = false;
        } else if (token == Token.END_OBJECT && json.depth() < depth) {
            depth = 0;
        }
    }

    /** Returns the last counts; empty if there were none. */
    Optional<Usage> usage() {
        return inputTokens < 0 && outputTokens < 0
                ? Optional.empty()
                : Optional.of(new Usage(Math.max(0, inputTokens), Math.max(0, outputTokens)));
    }

    private boolean isCount(int key) {
        return key == firstInputKey || key == firstInputKey + 1 || key == firstOutputKey || key == firstOutputKey + 1;
    }

    private void set(long number) {
        if (number < 0) {
            return;
        }
        if (currentCount == firstInputKey || currentCount == firstInputKey + 1) {
            inputTokens = number;
        } else {
            outputTokens = number;
        }
    }
}

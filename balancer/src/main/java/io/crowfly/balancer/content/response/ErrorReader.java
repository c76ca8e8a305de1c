package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.DecodedText;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;

/**
 * Reader of the members {@code status}, {@code code} and {@code type} in an event's {@code error} object, or at the top
 * level of an error event. Of several members with the same name, the first one counts.
 */
final class ErrorReader {

    private final JsonTokenizer json;
    private final int errorKey;
    private final int statusKey;
    private final int codeKey;
    private final int typeKey;

    private boolean errorExpected;

    /** Depth of the keys in the {@code error} object; 0 outside the object. */
    private int depth;

    /** Key of the member that the next token is; {@link NameMatcher#NONE} if it is none. */
    private int currentMember = NameMatcher.NONE;

    private String status = "";
    private String code = "";
    private String type = "";

    /** @param errorKey index of {@code error} among the tokenizer's names, as the others are of theirs */
    ErrorReader(JsonTokenizer json, int errorKey, int statusKey, int codeKey, int typeKey) {
        this.json = json;
        this.errorKey = errorKey;
        this.statusKey = statusKey;
        this.codeKey = codeKey;
        this.typeKey = typeKey;
    }

    void reset() {
        errorExpected = false;
        depth = 0;
        currentMember = NameMatcher.NONE;
        status = "";
        code = "";
        type = "";
    }

    /**
     * Handles a key token.
     *
     * @param allowedHere whether {@code error} is expected at this depth
     * @param topLevel whether the key is at the top level of the event
     */
    void onKey(int key, boolean allowedHere, boolean topLevel) {
        currentMember = NameMatcher.NONE;
        if (key == errorKey) {
            errorExpected = allowedHere;
        } else if (key == statusKey || key == codeKey) {
            currentMember = topLevel || isInError() ? key : NameMatcher.NONE;
        } else if (key == typeKey && isInError()) {
            currentMember = key;
        }
        if (errorExpected || currentMember != NameMatcher.NONE) {
            json.keepNextText();
        }
    }

    private boolean isInError() {
        return depth > 0 && json.depth() == depth;
    }

    /** Handles any token that is not a key. */
    void onValue(Token token) {
        if (currentMember != NameMatcher.NONE) {
            if (token == Token.STRING || token == Token.NUMBER) {
                set(currentMember, json.text());
            }
            currentMember = NameMatcher.NONE;
        } else if (errorExpected) {
            errorExpected = false;
            depth = token == Token.START_OBJECT ? json.depth() : 0;
            if (token == Token.STRING) {
                set(codeKey, json.text());
            }
        } else if (token == Token.END_OBJECT && json.depth() < depth) {
            depth = 0;
        }
    }

    private void set(int member, DecodedText text) {
        if (text.tooLong()) {
            return;
        } else if (member == statusKey && status.isEmpty()) {
            status = text.toString();
        } else if (member == codeKey && code.isEmpty()) {
            code = text.toString();
        } else if (member == typeKey && type.isEmpty()) {
            type = text.toString();
        }
    }

    /** Sets the type that the event itself has, unless its error has a type of its own. */
    void onEventType(DecodedText eventType) {
        set(typeKey, eventType);
    }

    /** Returns what the current event has reported so far. */
    ReportedError error() {
        return new ReportedError(status, code, type);
    }
}

package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Gathers from a JSON document the ids of what one backend keeps and no other knows: responses, conversations, files and the
 * like, and reasoning that only the backend that encrypted it can read.
 *
 * <p>It goes by keys, wherever they stand, and for a plain {@code id} by what it begins with. So a schema or a text of the
 * user's may bring in what is no id: that costs a look-up that finds nothing.
 */
final class KeptIds {

    /** Far longer than any id seen; in bytes. All that are known are of visible ASCII. */
    static final int MAX_ID_BYTES = 128;

    /** Of a reasoning item. */
    private static final byte[] REASONING = "rs_".getBytes(StandardCharsets.US_ASCII);

    private enum Awaited {
        NOTHING,
        ID,
        ID_OF_REASONING,
        /** Its id, or an object that has one. */
        CONVERSATION
    }

    private final JsonTokenizer json;
    private final int id;
    private final int conversation;
    private final int others;
    private final int limit;
    private final List<String> ids = new ArrayList<>(0);
    private final List<String> unmodifiable = Collections.unmodifiableList(ids);

    /** What the next token may be. */
    private Awaited awaited = Awaited.NOTHING;

    /** Whether the innermost open container is an array whose strings are ids. */
    private boolean inList;

    /**
     * @param id which of the tokenizer's names is {@code id}
     * @param conversation which of them is {@code conversation}
     * @param others those whose strings, or arrays of strings, are ids: bit {@code n} for name {@code n}
     * @param limit how many ids are kept
     */
    KeptIds(JsonTokenizer json, int id, int conversation, int others, int limit) {
        this.json = json;
        this.id = id;
        this.conversation = conversation;
        this.others = others;
        this.limit = limit;
    }

    /** Another document begins. The ids stay. */
    void reset() {
        awaited = Awaited.NOTHING;
        inList = false;
    }

    /**
     * The tokenizer has come to a key.
     *
     * @param keeps whether an {@code id} here is one of something that is kept, whatever it begins with
     */
    void key(int name, boolean keeps) {
        if (name == id) {
            awaited = keeps || json.inMarked() ? Awaited.ID : Awaited.ID_OF_REASONING;
        } else if (name == conversation) {
            awaited = Awaited.CONVERSATION;
        } else if (name != NameMatcher.NONE && (others >>> name & 1) != 0) {
            awaited = Awaited.ID;
        } else {
            return;
        }
        json.keepNextText();
    }

    /** The tokenizer has come to any other token. */
    void value(Token token) {
        switch (token) {
            case STRING -> {
                if (awaited != Awaited.NOTHING || inList) {
                    string(json.text());
                }
            }
            case START_ARRAY -> {
                inList = awaited == Awaited.ID;
                markIf(inList);
            }
            case START_OBJECT -> {
                inList = false;
                markIf(awaited == Awaited.CONVERSATION);
            }
            case END_ARRAY, END_OBJECT -> inList = json.inMarkedArray();
            default -> {}
        }
        awaited = Awaited.NOTHING;
        if (inList) {
            json.keepNextText();
        }
    }

    private void markIf(boolean holdsIds) {
        if (holdsIds) {
            json.mark();
        }
    }

    /** In the order in which they came, each once; grows with the document. */
    List<String> list() {
        return unmodifiable;
    }

    private void string(DecodedText text) {
        boolean fits = !text.tooLong() && text.length() > 0 && text.length() <= MAX_ID_BYTES;
        if (fits
                && text.isVisibleAscii()
                && ids.size() < limit
                && (awaited != Awaited.ID_OF_REASONING || text.startsWith(REASONING))) {
            String found = text.toString();
            if (!ids.contains(found)) {
                ids.add(found);
            }
        }
    }
}

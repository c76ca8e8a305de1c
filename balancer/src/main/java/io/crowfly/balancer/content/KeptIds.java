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

    /** Far longer than any id seen; in bytes of UTF-8. */
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

    /** Depth of the array whose strings are ids, or 0. */
    private int listDepth;

    /** Depth of the conversation's object, or 0. */
    private int conversationDepth;

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
        listDepth = 0;
        conversationDepth = 0;
    }

    /**
     * The tokenizer has come to a key.
     *
     * @param keeps whether an {@code id} here is one of something that is kept, whatever it begins with
     */
    void key(int name, boolean keeps) {
        if (name == id) {
            awaited = keeps || json.depth() == conversationDepth ? Awaited.ID : Awaited.ID_OF_REASONING;
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
                if (awaited != Awaited.NOTHING || json.depth() == listDepth) {
                    string(json.text());
                }
            }
            case START_ARRAY -> {
                if (awaited == Awaited.ID) {
                    listDepth = json.depth();
                }
            }
            case START_OBJECT -> {
                if (awaited == Awaited.CONVERSATION) {
                    conversationDepth = json.depth();
                }
            }
            case END_ARRAY -> listDepth = json.depth() < listDepth ? 0 : listDepth;
            case END_OBJECT -> conversationDepth = json.depth() < conversationDepth ? 0 : conversationDepth;
            default -> {}
        }
        awaited = Awaited.NOTHING;
        if (json.depth() == listDepth) {
            json.keepNextText();
        }
    }

    /** In the order in which they came, each once; grows with the document. */
    List<String> list() {
        return unmodifiable;
    }

    private void string(DecodedText text) {
        boolean fits = !text.tooLong() && text.length() > 0 && text.length() <= MAX_ID_BYTES;
        if (fits && ids.size() < limit && (awaited != Awaited.ID_OF_REASONING || text.startsWith(REASONING))) {
            String found = text.toString();
            if (!ids.contains(found)) {
                ids.add(found);
            }
        }
    }
}

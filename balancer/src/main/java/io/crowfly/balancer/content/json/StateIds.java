package io.crowfly.balancer.content.json;

import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Collector of the ids in a JSON document that refer to stored state: responses, conversations, files and similar
 * objects, each kept by only one backend. Ids of reasoning items are included, because only the backend that encrypted
 * such an item can read it.
 *
 * <p>An id is recognised by its key at any depth. At the key {@code id} it is recognised by its prefix. So a schema or
 * a user's text may contribute a string that is not an id. The cost is one lookup without a result.
 */
public final class StateIds {

    /** Maximum length of an id, in bytes: far longer than any id seen. All known ids are visible ASCII. */
    public static final int MAX_ID_BYTES = 128;

    /** Prefix of the id of a reasoning item. */
    private static final byte[] REASONING_PREFIX = "rs_".getBytes(StandardCharsets.US_ASCII);

    private enum Expected {
        NOTHING,
        ID,
        REASONING_ID,
        /** The next value belongs to the key {@code conversation}: it is the id itself, or an object with the id. */
        CONVERSATION
    }

    private final JsonTokenizer json;
    private final int idKey;
    private final int conversationKey;
    private final int otherIdKeys;
    private final int maxIds;
    private final List<String> ids = new ArrayList<>(0);
    private final List<String> idsView = Collections.unmodifiableList(ids);

    /** The kind of id that the next value may be or contain. */
    private Expected expected = Expected.NOTHING;

    /** Whether the innermost open container is an array whose strings are ids. */
    private boolean inIdArray;

    /**
     * @param json tokenizer of the document
     * @param idKey index of {@code id} among the tokenizer's names
     * @param conversationKey index of {@code conversation} among the tokenizer's names
     * @param otherIdKeys the names whose strings, or arrays of strings, are ids: bit {@code n} for name {@code n}
     * @param maxIds maximum number of ids that are kept
     */
    public StateIds(JsonTokenizer json, int idKey, int conversationKey, int otherIdKeys, int maxIds) {
        this.json = json;
        this.idKey = idKey;
        this.conversationKey = conversationKey;
        this.otherIdKeys = otherIdKeys;
        this.maxIds = maxIds;
    }

    /** Prepares for another document of the same response. The ids found so far are kept. */
    public void reset() {
        expected = Expected.NOTHING;
        inIdArray = false;
    }

    /**
     * Handles a key token.
     *
     * @param belongsToState whether an {@code id} at this place is the id of a stored object, with any prefix
     */
    public void onKey(int key, boolean belongsToState) {
        if (key == idKey) {
            expected = belongsToState || json.inMarkedContainer() ? Expected.ID : Expected.REASONING_ID;
        } else if (key == conversationKey) {
            expected = Expected.CONVERSATION;
        } else if (key != NameMatcher.NONE && (otherIdKeys >>> key & 1) != 0) {
            expected = Expected.ID;
        } else {
            return;
        }
        json.keepNextText();
    }

    /** Handles any token that is not a key. */
    public void onValue(Token token) {
        switch (token) {
            case STRING -> {
                if (expected != Expected.NOTHING || inIdArray) {
                    addIfId(json.text());
                }
            }
            case START_ARRAY -> {
                inIdArray = expected == Expected.ID;
                markIf(inIdArray);
            }
            case START_OBJECT -> {
                inIdArray = false;
                markIf(expected == Expected.CONVERSATION);
            }
            case END_ARRAY, END_OBJECT -> inIdArray = json.inMarkedArray();
            default -> {}
        }
        expected = Expected.NOTHING;
        if (inIdArray) {
            json.keepNextText();
        }
    }

    private void markIf(boolean holdsIds) {
        if (holdsIds) {
            json.markContainer();
        }
    }

    /**
     * Returns the ids in the order of their first occurrence. While the document is read, ids are added to this list.
     */
    public List<String> ids() {
        return idsView;
    }

    private void addIfId(DecodedText text) {
        boolean fits = !text.tooLong() && text.length() > 0 && text.length() <= MAX_ID_BYTES;
        if (fits
                && text.isVisibleAscii()
                && ids.size() < maxIds
                && (expected != Expected.REASONING_ID || text.startsWith(REASONING_PREFIX))) {
            String newId = text.toString();
            if (!ids.contains(newId)) {
                ids.add(newId);
            }
        }
    }
}

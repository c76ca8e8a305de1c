package io.crowfly.balancer.affinity;

import static java.util.Map.entry;

import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/*
 * The paths of OpenAI's API (openapi.yaml of openai/openai-openapi, August 2026) follow one grammar: a collection, the
 * id of an item, a collection or an action of that item, and so on. So every second segment is an id, counted from the
 * end of the first collection's name. If a fixed word is in the place of an id, as in responses/compact, the table
 * contains both words as one collection.
 */

/**
 * Method and path of a request, read for stored state: the ids that the request refers to, and whether it lists or
 * creates objects that one backend stores. Immutable.
 */
public final class StatePath {

    private static final String PREFIX = "/v1/";

    /**
     * Maximum number of ids read from a path; no path of the API has more. A limit is needed because a path may be as
     * long as a request's head.
     */
    private static final int MAX_IDS = 3;

    private enum CollectionKind {
        /** {@code GET} of the collection lists its items. */
        LISTED,
        /**
         * Items are created, and then requested only by their ids. There is no list. ({@code GET} of the responses
         * opens a WebSocket.)
         */
        UNLISTED,
        /** Items are created, and requested only by their ids. The response to a creation contains a secret. */
        UNLISTED_WITH_SECRETS,
        /**
         * {@code GET} of the collection lists its items. An item is stored only if its request enables {@code store}.
         */
        LISTED_IF_STORED,
        /** Requests of this collection store nothing. */
        NONE
    }

    private static final Map<String, CollectionKind> COLLECTIONS = Map.ofEntries(
            entry("assistants", CollectionKind.LISTED),
            entry("batches", CollectionKind.LISTED),
            entry("chat/completions", CollectionKind.LISTED_IF_STORED),
            entry("containers", CollectionKind.LISTED),
            entry("conversations", CollectionKind.UNLISTED),
            entry("evals", CollectionKind.LISTED),
            entry("files", CollectionKind.LISTED),
            entry("fine_tuning/jobs", CollectionKind.LISTED),
            entry("realtime/calls", CollectionKind.UNLISTED),
            entry("realtime/client_secrets", CollectionKind.UNLISTED_WITH_SECRETS),
            entry("realtime/sessions", CollectionKind.UNLISTED_WITH_SECRETS),
            entry("realtime/transcription_sessions", CollectionKind.UNLISTED_WITH_SECRETS),
            entry("responses", CollectionKind.UNLISTED),
            // Compaction stores nothing, but only the backend that encrypted its result can read the result.
            entry("responses/compact", CollectionKind.UNLISTED),
            entry("responses/input_tokens", CollectionKind.NONE),
            entry("skills", CollectionKind.LISTED),
            entry("threads", CollectionKind.UNLISTED),
            entry("threads/runs", CollectionKind.UNLISTED),
            entry("uploads", CollectionKind.UNLISTED),
            entry("vector_stores", CollectionKind.LISTED),
            entry("videos", CollectionKind.LISTED),
            entry("videos/characters", CollectionKind.UNLISTED),
            entry("videos/edits", CollectionKind.UNLISTED),
            entry("videos/extensions", CollectionKind.UNLISTED));

    /**
     * Actions on an item that create no other item. Not here: {@code complete}, which creates a file, and {@code
     * remix}, which creates a video.
     */
    private static final Set<String> ACTIONS =
            Set.of("accept", "cancel", "hangup", "pause", "refer", "reject", "resume", "search", "submit_tool_outputs");

    /**
     * Collection whose items have numbers instead of ids, for example versions of a skill. Such a number is not
     * recorded, because it is unique only within its item.
     */
    private static final String NUMBERED = "versions";

    private enum Creates {
        NEVER,
        IF_STORE_ENABLED,
        ALWAYS,
        /** The request always creates an object, and the response contains a secret. */
        WITH_SECRET
    }

    private static final StatePath NO_STATE = new StatePath(List.of(), false, Creates.NEVER);
    private static final StatePath LIST = new StatePath(List.of(), true, Creates.NEVER);
    private static final StatePath CREATION = new StatePath(List.of(), false, Creates.ALWAYS);
    private static final StatePath CREATION_WITH_SECRET = new StatePath(List.of(), false, Creates.WITH_SECRET);
    private static final StatePath CREATION_IF_STORE_ENABLED =
            new StatePath(List.of(), false, Creates.IF_STORE_ENABLED);

    private final List<String> ids;
    private final boolean lists;
    private final Creates creates;

    private StatePath(List<String> ids, boolean lists, Creates creates) {
        this.ids = ids;
        this.lists = lists;
        this.creates = creates;
    }

    /**
     * Returns what the method and path say about stored state.
     *
     * @param path canonical, {@code /v1/...}, without a query
     */
    public static StatePath of(HttpMethod method, String path) {
        if (path.equals("/v1/chat/completions") && method.equals(HttpMethod.POST)) {
            return CREATION_IF_STORE_ENABLED;
        }
        if (!path.startsWith(PREFIX)) {
            return NO_STATE;
        }
        int first = segmentEnd(path, PREFIX.length());
        int second = segmentEnd(path, first + 1);
        CollectionKind collection = COLLECTIONS.get(path.substring(PREFIX.length(), second));
        int end = second;
        if (collection == null) {
            collection = COLLECTIONS.getOrDefault(path.substring(PREFIX.length(), first), CollectionKind.NONE);
            end = first;
        }
        return collection == CollectionKind.NONE ? NO_STATE : parseAfterCollection(collection, method, path, end);
    }

    private static StatePath parseAfterCollection(
            CollectionKind collection, HttpMethod method, String path, int collectionEnd) {
        List<String> ids = new ArrayList<>(MAX_IDS);
        String name = "";
        boolean endsInId = false;
        for (int start = collectionEnd + 1; start < path.length() && ids.size() < MAX_IDS; ) {
            int end = segmentEnd(path, start);
            String segment = path.substring(start, end);
            start = end + 1;
            endsInId = !endsInId;
            if (!endsInId) {
                name = segment;
            } else if (!name.equals(NUMBERED)) {
                ids.add(segment);
            }
        }
        boolean creates = method.equals(HttpMethod.POST) && !endsInId && !ACTIONS.contains(name);
        if (!ids.isEmpty()) {
            return new StatePath(List.copyOf(ids), false, creates ? Creates.ALWAYS : Creates.NEVER);
        } else if (creates) {
            return switch (collection) {
                case LISTED_IF_STORED -> CREATION_IF_STORE_ENABLED;
                case UNLISTED_WITH_SECRETS -> CREATION_WITH_SECRET;
                case LISTED, UNLISTED, NONE -> CREATION;
            };
        }
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        boolean listed = collection == CollectionKind.LISTED || collection == CollectionKind.LISTED_IF_STORED;
        return reads && listed ? LIST : NO_STATE;
    }

    private static int segmentEnd(String path, int start) {
        int slash = start < path.length() ? path.indexOf('/', start) : -1;
        return slash < 0 ? path.length() : slash;
    }

    /** Returns the ids in the path, the outermost first. One backend stores all of these objects. */
    public List<String> ids() {
        return ids;
    }

    /**
     * Returns whether the request lists the objects of one backend. The path of such a request contains no id that
     * determines the backend.
     */
    public boolean lists() {
        return lists;
    }

    /**
     * Returns whether the response contains the id of a new object, which only the backend that created the object
     * stores.
     *
     * @param storeEnabled whether the body contains {@code "store": true}; a chat completion is stored only then
     */
    public boolean creates(boolean storeEnabled) {
        return creates == Creates.IF_STORE_ENABLED ? storeEnabled : creates != Creates.NEVER;
    }

    /** Returns whether the response contains a secret. Only the backend that issued the secret accepts it. */
    public boolean returnsSecret() {
        return creates == Creates.WITH_SECRET;
    }

    /**
     * Returns whether the request lists, refers to or creates stored objects.
     *
     * @param storeEnabled whether the body contains {@code "store": true}
     */
    public boolean concernsState(boolean storeEnabled) {
        return lists || !ids.isEmpty() || creates(storeEnabled);
    }
}

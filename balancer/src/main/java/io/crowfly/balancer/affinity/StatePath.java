package io.crowfly.balancer.affinity;

import static java.util.Map.entry;

import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/*
 * The paths of OpenAI's API (openapi.yaml of openai/openai-openapi, August 2026) follow one grammar: a collection, the id of
 * a thing in it, a collection or an action of that thing, and so on. So every second segment is an id, once it is known where
 * the first collection ends; what stands in an id's place and is none ends a collection's name of its own in the table.
 */

/** What a request has to do with what one backend keeps, as far as its method and path tell. Immutable. */
public final class StatePath {

    private static final String PREFIX = "/v1/";

    /** Deeper than any path nests; what is sent to us may be as deep as a head is large. */
    private static final int MAX_IDS = 3;

    private enum Collection {
        /** {@code GET} lists what is in it. */
        LISTED,
        /** Things go in, and are asked for by their ids only. {@code GET} of the responses opens a WebSocket. */
        UNLISTED,
        /** The same, and who makes one is given a secret for it. */
        UNLISTED_WITH_SECRETS,
        /** Listed; what goes in is kept only if its body asks for that. */
        KEPT_IF_ASKED,
        /** Nothing is kept. */
        NONE
    }

    private static final Map<String, Collection> COLLECTIONS = Map.ofEntries(
            entry("assistants", Collection.LISTED),
            entry("batches", Collection.LISTED),
            entry("chat/completions", Collection.KEPT_IF_ASKED),
            entry("containers", Collection.LISTED),
            entry("conversations", Collection.UNLISTED),
            entry("evals", Collection.LISTED),
            entry("files", Collection.LISTED),
            entry("fine_tuning/jobs", Collection.LISTED),
            entry("realtime/calls", Collection.UNLISTED),
            entry("realtime/client_secrets", Collection.UNLISTED_WITH_SECRETS),
            entry("realtime/sessions", Collection.UNLISTED_WITH_SECRETS),
            entry("realtime/transcription_sessions", Collection.UNLISTED_WITH_SECRETS),
            entry("responses", Collection.UNLISTED),
            // Compaction keeps nothing, but what it encrypts is read only where it was made.
            entry("responses/compact", Collection.UNLISTED),
            entry("responses/input_tokens", Collection.NONE),
            entry("skills", Collection.LISTED),
            entry("threads", Collection.UNLISTED),
            entry("threads/runs", Collection.UNLISTED),
            entry("uploads", Collection.UNLISTED),
            entry("vector_stores", Collection.LISTED),
            entry("videos", Collection.LISTED),
            entry("videos/characters", Collection.UNLISTED),
            entry("videos/edits", Collection.UNLISTED),
            entry("videos/extensions", Collection.UNLISTED));

    /** What one does to a thing without another one coming of it. {@code complete} makes a file, {@code remix} a video. */
    private static final Set<String> ACTIONS =
            Set.of("accept", "cancel", "hangup", "pause", "refer", "reject", "resume", "search", "submit_tool_outputs");

    /** What is in it is numbered and not named: the number means nothing without the id before it. */
    private static final String NUMBERED = "versions";

    private enum Creates {
        NEVER,
        IF_ASKED,
        ALWAYS,
        /** Always, and its answer has a secret in it. */
        WITH_SECRET
    }

    private static final StatePath NOTHING = new StatePath(List.of(), false, Creates.NEVER);
    private static final StatePath LIST = new StatePath(List.of(), true, Creates.NEVER);
    private static final StatePath CREATION = new StatePath(List.of(), false, Creates.ALWAYS);
    private static final StatePath CREATION_WITH_SECRET = new StatePath(List.of(), false, Creates.WITH_SECRET);
    private static final StatePath CREATION_IF_ASKED = new StatePath(List.of(), false, Creates.IF_ASKED);

    private final List<String> ids;
    private final boolean lists;
    private final Creates creates;

    private StatePath(List<String> ids, boolean lists, Creates creates) {
        this.ids = ids;
        this.lists = lists;
        this.creates = creates;
    }

    /** @param path canonical, {@code /v1/...}, without a query */
    public static StatePath of(HttpMethod method, String path) {
        if (path.equals("/v1/chat/completions") && method.equals(HttpMethod.POST)) {
            return CREATION_IF_ASKED;
        }
        if (!path.startsWith(PREFIX)) {
            return NOTHING;
        }
        int first = segmentEnd(path, PREFIX.length());
        int second = segmentEnd(path, first + 1);
        Collection collection = COLLECTIONS.get(path.substring(PREFIX.length(), second));
        int end = second;
        if (collection == null) {
            collection = COLLECTIONS.getOrDefault(path.substring(PREFIX.length(), first), Collection.NONE);
            end = first;
        }
        return collection == Collection.NONE ? NOTHING : within(collection, method, path, end);
    }

    private static StatePath within(Collection collection, HttpMethod method, String path, int collectionEnd) {
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
                case KEPT_IF_ASKED -> CREATION_IF_ASKED;
                case UNLISTED_WITH_SECRETS -> CREATION_WITH_SECRET;
                case LISTED, UNLISTED, NONE -> CREATION;
            };
        }
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        boolean listed = collection == Collection.LISTED || collection == Collection.KEPT_IF_ASKED;
        return reads && listed ? LIST : NOTHING;
    }

    private static int segmentEnd(String path, int start) {
        int slash = start < path.length() ? path.indexOf('/', start) : -1;
        return slash < 0 ? path.length() : slash;
    }

    /** Of the things that the path names, the outermost first: all of them are kept by one backend. */
    public List<String> ids() {
        return ids;
    }

    /** Whether the answer shows what one backend keeps, and no id tells which backend. */
    public boolean lists() {
        return lists;
    }

    /**
     * Whether the answer names something new, to be found only where it was made.
     *
     * @param asksToStore whether the body says {@code "store": true}: a chat is kept only then
     */
    public boolean creates(boolean asksToStore) {
        return creates == Creates.IF_ASKED ? asksToStore : creates != Creates.NEVER;
    }

    /** Whether the answer gives out a secret that is good for what one backend has made, and there only. */
    public boolean givesSecret() {
        return creates == Creates.WITH_SECRET;
    }

    /**
     * Whether it has to do with what a backend keeps at all.
     *
     * @param asksToStore as for {@link #creates}
     */
    public boolean kept(boolean asksToStore) {
        return lists || !ids.isEmpty() || creates(asksToStore);
    }
}

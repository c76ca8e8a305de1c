package io.crowfly.probes.forecast;

/**
 * Operations of the OpenAI API. Backends differ in which of them they serve, and the time to the first byte differs by
 * operation.
 */
public enum Api {
    CHAT_COMPLETIONS("/v1/chat/completions"),
    RESPONSES("/v1/responses"),
    COMPLETIONS("/v1/completions"),
    EMBEDDINGS("/v1/embeddings"),
    OTHER("");

    private static final Api[] NAMED = {CHAT_COMPLETIONS, RESPONSES, COMPLETIONS, EMBEDDINGS};

    private final String path;

    Api(String path) {
        this.path = path;
    }

    /** Returns the operation of a client's request target, with or without a query. */
    public static Api forTarget(String target) {
        for (Api api : NAMED) {
            String path = api.path;
            if (target.startsWith(path) && (target.length() == path.length() || target.charAt(path.length()) == '?')) {
                return api;
            }
        }
        return OTHER;
    }
}

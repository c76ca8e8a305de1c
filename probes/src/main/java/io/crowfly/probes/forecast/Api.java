package io.crowfly.probes.forecast;

/**
 * Operation of the OpenAI API, part of a request's class, because the time to the first byte differs by operation.
 * Backends also differ in the operations that they serve.
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

    /**
     * Returns the operation of a client's request target, with or without a query; {@link #OTHER} if the path is none
     * of the constants' paths.
     */
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

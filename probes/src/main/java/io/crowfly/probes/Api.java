package io.crowfly.probes;

/** The operations of the OpenAI API that differ in who serves them and in what their first byte takes. */
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

    /** Of a client's target, its query included or not. */
    public static Api of(String target) {
        for (Api api : NAMED) {
            String path = api.path;
            if (target.startsWith(path) && (target.length() == path.length() || target.charAt(path.length()) == '?')) {
                return api;
            }
        }
        return OTHER;
    }
}

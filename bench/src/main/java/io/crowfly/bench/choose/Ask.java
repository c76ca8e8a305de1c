package io.crowfly.bench.choose;

import java.util.Map;

/**
 * What a client asks for.
 *
 * @param kind what a run calls it; endpoints see it in a header
 * @param headers more of them
 */
record Ask(String kind, String path, Map<String, String> headers, String body) {

    static final String KIND_HEADER = "x-kind";
    static final String ID_HEADER = "x-id";

    private static final String QUESTION = "[{\"role\":\"user\",\"content\":\"What is the capital of Norway?\"}]";

    static Ask streamedChat(String kind) {
        return chat(kind, true, Map.of());
    }

    static Ask chat(String kind, boolean stream, Map<String, String> headers) {
        String body = "{\"model\":\"gpt-4o\",\"stream\":" + stream + ",\"messages\":" + QUESTION + "}";
        return new Ask(kind, "/v1/chat/completions", headers, body);
    }

    static Ask embedding(String kind, Map<String, String> headers) {
        String body = "{\"model\":\"text-embedding-3-small\",\"dimensions\":8,\"input\":\"Oslo\"}";
        return new Ask(kind, "/v1/embeddings", headers, body);
    }
}

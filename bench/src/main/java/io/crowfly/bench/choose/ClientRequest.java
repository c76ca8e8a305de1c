package io.crowfly.bench.choose;

import java.util.Map;

/**
 * Request that {@code bench choose} sends to the balancer.
 *
 * @param kind the benchmark's name for this kind of request; endpoints receive it in a header
 * @param path path of the request
 * @param headers additional headers
 * @param body JSON body
 */
record ClientRequest(String kind, String path, Map<String, String> headers, String body) {

    static final String KIND_HEADER = "x-kind";
    static final String ID_HEADER = "x-id";

    private static final String MESSAGES = "[{\"role\":\"user\",\"content\":\"What is the capital of Norway?\"}]";

    static ClientRequest streamedChat(String kind) {
        return chat(kind, true, Map.of());
    }

    static ClientRequest chat(String kind, boolean stream, Map<String, String> headers) {
        String body = "{\"model\":\"gpt-4o\",\"stream\":" + stream + ",\"messages\":" + MESSAGES + "}";
        return new ClientRequest(kind, "/v1/chat/completions", headers, body);
    }

    /** Returns a streamed chat with this model, whose name is also the kind. */
    static ClientRequest streamedChatWith(String model) {
        String body = "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":" + MESSAGES + "}";
        return new ClientRequest(model, "/v1/chat/completions", Map.of(), body);
    }

    static ClientRequest embedding(String kind, Map<String, String> headers) {
        String body = "{\"model\":\"text-embedding-3-small\",\"dimensions\":8,\"input\":\"Oslo\"}";
        return new ClientRequest(kind, "/v1/embeddings", headers, body);
    }
}

package io.crowfly.balancer.attempt;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A token stream as a backend sends it, for each operation. */
enum TestStream {
    CHAT(
            "/v1/chat/completions",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
            "data: {\"error\":{\"message\":\"%1$s\",\"type\":\"server_error\",\"param\":null,\"code\":\"%1$s\"}}\n\n"),
    COMPLETIONS(
            "/v1/completions",
            "data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":null}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"text\":\"%s\"}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
            "data: {\"error\":{\"message\":\"%1$s\",\"type\":\"server_error\",\"param\":null,\"code\":\"%1$s\"}}\n\n"),
    RESPONSES(
            "/v1/responses",
            typed("response.created", "\"response\":{\"id\":\"resp_1\",\"status\":\"queued\",\"error\":null}")
                    + typed("response.output_item.added", "\"item\":{\"type\":\"message\",\"content\":[]}"),
            typed("response.output_text.delta", "\"delta\":\"%s\""),
            typed("response.completed", "\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"}"),
            typed(
                    "response.failed",
                    "\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"%1$s\",\"message\":\"%1$s\"}}"));

    final String path;

    /** Events before the first token. */
    final String beginning;

    private final String token;
    private final String rest;
    private final String error;

    TestStream(String path, String beginning, String token, String rest, String error) {
        this.path = path;
        this.beginning = beginning;
        this.token = token;
        this.rest = rest;
        this.error = error;
    }

    /** Returns the stream of the operation at this path. */
    static TestStream at(String path) {
        return Stream.of(values())
                .filter(each -> each.path.equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static String typed(String type, String more) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":1," + more + "}\n\n";
    }

    String token(String text) {
        return token.formatted(text);
    }

    /** Returns the error event of the API, with this code. */
    String error(String code) {
        return error.formatted(code);
    }

    /** Returns the events of a whole stream with one token. */
    List<String> whole(String text) {
        return List.of(beginning, token(text), rest);
    }

    String text(String text) {
        return String.join("", whole(text));
    }

    /** @param prompt selects what the backend's script does */
    String request(String model, String prompt) {
        return request(model, prompt, "");
    }

    String request(String model, String prompt, String more) {
        String body = "{\"model\":\"" + model + "\",\"stream\":true," + more + "\"prompt\":\"" + prompt + "\"}";
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";

    static final String END = "0\r\n\r\n";

    static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** Returns the whole response with a token of this text. */
    String response(String text) {
        return HEAD + whole(text).stream().map(TestStream::chunk).collect(Collectors.joining()) + END;
    }
}

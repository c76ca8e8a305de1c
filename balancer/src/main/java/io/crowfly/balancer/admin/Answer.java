package io.crowfly.balancer.admin;

import java.nio.charset.StandardCharsets;

/**
 * One answer of the admin, whole.
 *
 * @param allow the methods that would be right, where the one used was not; empty elsewhere
 */
record Answer(int status, String contentType, byte[] body, String allow) {

    static Answer json(int status, Json.Writer writer) {
        return new Answer(status, "application/json", Json.text(writer).getBytes(StandardCharsets.UTF_8), "");
    }

    static Answer text(int status, String contentType, String text) {
        return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8), "");
    }

    static Answer plain(int status, String text) {
        return text(status, "text/plain; charset=utf-8", text);
    }

    static Answer error(int status, String message) {
        return json(status, json -> {
            json.writeStartObject();
            json.writeStringField("error", message);
            json.writeEndObject();
        });
    }

    static Answer wrongMethod(String allow) {
        Answer answer = error(405, "this path answers " + allow);
        return new Answer(answer.status(), answer.contentType(), answer.body(), allow);
    }
}

package io.crowfly.balancer.admin;

import java.nio.charset.StandardCharsets;

/** One answer of the admin, whole. */
record Answer(int status, String contentType, byte[] body) {

    static Answer json(int status, Json.Writer writer) {
        return new Answer(status, "application/json", Json.text(writer).getBytes(StandardCharsets.UTF_8));
    }

    static Answer text(int status, String contentType, String text) {
        return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8));
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
}

package io.crowfly.balancer.admin;

import java.nio.charset.StandardCharsets;

/**
 * One complete response of the admin server, with its whole body in memory.
 *
 * @param allow value of the {@code allow} header of a 405; empty for any other status
 */
record AdminResponse(int status, String contentType, byte[] body, String allow) {

    static AdminResponse json(int status, Json.Writer writer) {
        return new AdminResponse(status, "application/json", Json.text(writer).getBytes(StandardCharsets.UTF_8), "");
    }

    static AdminResponse text(int status, String contentType, String text) {
        return new AdminResponse(status, contentType, text.getBytes(StandardCharsets.UTF_8), "");
    }

    static AdminResponse plain(int status, String text) {
        return text(status, "text/plain; charset=utf-8", text);
    }

    static AdminResponse error(int status, String message) {
        return json(status, json -> {
            json.writeStartObject();
            json.writeStringField("error", message);
            json.writeEndObject();
        });
    }

    static AdminResponse wrongMethod(String allow) {
        AdminResponse response = error(405, "the methods of this path are " + allow);
        return new AdminResponse(response.status(), response.contentType(), response.body(), allow);
    }
}

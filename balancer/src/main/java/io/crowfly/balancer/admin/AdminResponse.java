package io.crowfly.balancer.admin;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One complete response of the admin server, with its whole body in memory.
 *
 * @param headers further headers, by name
 */
record AdminResponse(int status, String contentType, byte[] body, Map<String, String> headers) {

    static AdminResponse json(int status, Json.Writer writer) {
        return text(status, "application/json", Json.text(writer));
    }

    static AdminResponse text(int status, String contentType, String text) {
        return new AdminResponse(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
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
        return error(405, "the methods of this path are " + allow).with("allow", allow);
    }

    static AdminResponse unauthorized(String message) {
        return error(401, message).with("www-authenticate", "Bearer");
    }

    private AdminResponse with(String name, String value) {
        return new AdminResponse(status, contentType, body, Map.of(name, value));
    }
}

package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Conversion of an HTTP error response to the error event of OpenAI's Responses API over a WebSocket, because an HTTP
 * response can no longer be sent there: {@code {"type":"error","status":429,"error":{…}}}.
 */
final class WebSocketErrorEvent {

    /** Limit of the error body. Error bodies in JSON have a few hundred bytes; a longer body is an HTML page. */
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private static final Pattern OPENAI_ERROR = Pattern.compile("\\{\\s*\"error\"\\s*:\\s*\\{");

    private static final String DEFAULT_ERROR =
            "\"error\":{\"message\":\"The backend refused the connection.\",\"type\":\"upstream_error\",\"code\":"
                    + "\"upstream_failed\",\"param\":null}}";

    private final StringBuilder body = new StringBuilder();
    private int status;

    void onHead(int responseStatus) {
        status = responseStatus;
    }

    /** Adds a piece of the error body. Does not take ownership of the data. */
    void addBody(ByteBuf data) {
        if (body.length() < MAX_BODY_BYTES) {
            body.append(data.toString(StandardCharsets.ISO_8859_1));
        }
    }

    /**
     * Returns the event. It contains the error of the response if that error has OpenAI's format, otherwise a default
     * error.
     */
    String text() {
        // The bytes are decoded as UTF-8 only here, because a read may have split a character.
        String response =
                new String(body.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).trim();
        boolean inOpenAiShape = OPENAI_ERROR.matcher(response).lookingAt()
                && response.endsWith("}")
                && response.length() < MAX_BODY_BYTES;
        return "{\"type\":\"error\",\"status\":" + status + ','
                + (inOpenAiShape ? response.substring(1) : DEFAULT_ERROR);
    }
}

package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * An HTTP answer that there is no other way to give any more, as the event in which OpenAI's Responses API says such things
 * over a WebSocket: {@code {"type":"error","status":429,"error":{…}}}.
 */
final class WebSocketErrorEvent {

    /** Errors are a few hundred bytes; what is longer is a page for people. */
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

    /** Borrows the data. */
    void addBody(ByteBuf data) {
        if (body.length() < MAX_BODY_BYTES) {
            body.append(data.toString(StandardCharsets.ISO_8859_1));
        }
    }

    /** The event, with the error as it was said if it was in OpenAI's shape. */
    String text() {
        // A byte was a character as long as a read might have cut one in two.
        String response =
                new String(body.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).trim();
        boolean inOpenAiShape = OPENAI_ERROR.matcher(response).lookingAt()
                && response.endsWith("}")
                && response.length() < MAX_BODY_BYTES;
        return "{\"type\":\"error\",\"status\":" + status + ','
                + (inOpenAiShape ? response.substring(1) : DEFAULT_ERROR);
    }
}

package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * An HTTP answer that there is no other way to give any more, as the event in which OpenAI's Responses API says such things
 * over a WebSocket: {@code {"type":"error","status":429,"error":{…}}}.
 */
final class RefusalEvent {

    /** Errors are a few hundred bytes; what is longer is a page for people. */
    private static final int LONGEST_BYTES = 64 * 1024;

    private static final Pattern OPENAI_S = Pattern.compile("\\{\\s*\"error\"\\s*:\\s*\\{");

    private static final String UNSAID =
            "\"error\":{\"message\":\"The backend refused the connection.\",\"type\":\"upstream_error\",\"code\":"
                    + "\"upstream_failed\",\"param\":null}}";

    private final StringBuilder body = new StringBuilder();
    private int status;

    void begin(int itsStatus) {
        status = itsStatus;
    }

    /** Borrows the data. */
    void add(ByteBuf data) {
        if (body.length() < LONGEST_BYTES) {
            body.append(data.toString(StandardCharsets.ISO_8859_1));
        }
    }

    /** The event, with the error as it was said if it was in OpenAI's shape. */
    String text() {
        // A byte was a character as long as a read might have cut one in two.
        String said = new String(body.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).trim();
        boolean usual = OPENAI_S.matcher(said).lookingAt() && said.endsWith("}") && said.length() < LONGEST_BYTES;
        return "{\"type\":\"error\",\"status\":" + status + ',' + (usual ? said.substring(1) : UNSAID);
    }
}

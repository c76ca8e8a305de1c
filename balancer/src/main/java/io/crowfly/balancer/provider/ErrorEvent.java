package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.probes.forecast.Api;
import java.nio.charset.StandardCharsets;

/*
 * A stream that just ends looks complete: no client misses the [DONE], and the Responses API has none. So one that broke says
 * so before it is broken off. OpenAI's libraries raise an error for every event with an `error` in it, whatever its name; the
 * name is how the Responses API calls it, with the same members again directly below.
 */

/** What the client of a stream is told when the backend's part of it will not come to its end. */
public final class ErrorEvent {

    private ErrorEvent() {}

    /**
     * One server-sent event, its blank line included. It may be sent only where an event has just ended: within one, its
     * beginning would be read as a part of that.
     *
     * @param api that the stream is of
     * @param code for programs, plain ASCII without quotes
     * @param message for people
     */
    public static byte[] encode(Api api, String code, String message) {
        String text = String.valueOf(JsonStringEncoder.getInstance().quoteAsString(message));
        String rest = ",\"message\":\"" + text + "\",\"param\":null,\"code\":\"" + code + '"';
        String error = "\"error\":{\"type\":\"upstream_error\"" + rest + '}';
        String event = api == Api.RESPONSES
                ? "event: error\ndata: {\"type\":\"error\"" + rest + ',' + error + "}\n\n"
                : "data: {" + error + "}\n\n";
        return event.getBytes(StandardCharsets.UTF_8);
    }

    /** For a stream whose backend has broken it off. */
    public static byte[] interrupted(Api api) {
        return encode(api, "upstream_stream_interrupted", "Upstream stream ended unexpectedly.");
    }
}

package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.probes.forecast.Api;
import java.nio.charset.StandardCharsets;

/*
 * A stream that only ends looks complete: clients do not check for [DONE], and the Responses API has no [DONE]. So an
 * interrupted stream ends with an error event before its connection is closed. OpenAI's libraries raise an error for
 * every event that contains `error`, whatever the event's name. The Responses API uses the name `error` and repeats the
 * members at the top level.
 */

/**
 * Encoder of the error event that Crowfly sends to the client at the end of a stream which the backend did not
 * complete.
 */
public final class ErrorEvent {

    private ErrorEvent() {}

    /**
     * Encodes one server-sent event, with its blank line. It may be sent only between two events. Within another event,
     * clients would read its beginning as a part of that event.
     *
     * @param api operation of the stream
     * @param code for programs; ASCII without quotes
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

    /** Encodes the event for a stream that the backend interrupted. */
    public static byte[] interrupted(Api api) {
        return encode(api, "upstream_stream_interrupted", "Upstream stream ended unexpectedly.");
    }
}

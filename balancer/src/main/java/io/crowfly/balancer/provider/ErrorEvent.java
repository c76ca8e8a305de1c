package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.probes.forecast.Api;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/*
 * A stream that only ends looks complete: clients do not check for [DONE], and the Responses API has no [DONE]. So an
 * interrupted stream ends with an error event before its connection is closed. OpenAI's libraries raise an error for
 * every event that contains `error`, whatever the event's name. The Responses API uses the name `error` and repeats the
 * members at the top level.
 */

/**
 * Encoder of the error event that Crowfly sends to the client at the end of a stream which no backend has completed.
 * The event may be sent only between two events. Within another event, clients would read its beginning as a part of
 * that event.
 */
public final class ErrorEvent {

    private static final byte[] NO_BODY = {};

    private ErrorEvent() {}

    /**
     * Encodes one server-sent event, with its blank line.
     *
     * @param api operation of the stream
     * @param type kind of error, for programs; ASCII without quotes, as {@code code}
     * @param message for people
     */
    public static byte[] encode(Api api, String type, String code, String message) {
        return eventOf(api, message, code, "{\"error\":{\"type\":\"" + type + '"' + rest(message, code) + "}}");
    }

    /** Encodes the event for a stream that the backend interrupted. */
    public static byte[] interrupted(Api api) {
        return encode(api, "upstream_error", "upstream_stream_interrupted", "Upstream stream ended unexpectedly.");
    }

    /**
     * Encodes a backend's error response as an event, for a client to which the head of a stream was sent already.
     *
     * @param status 400 or more
     * @param body as the backend has sent it; of an incomplete or unreadable body nothing is used
     */
    public static byte[] ofResponse(Api api, int status, HttpHeaders headers, byte[] body) {
        ErrorBody error = ErrorBody.read(TranslatedError.decoded(headers, body).orElse(NO_BODY));
        // The generated JSON contains no line end, which would end the event's data.
        String json = new String(error.toOpenAiShape(status), StandardCharsets.UTF_8);
        return eventOf(api, error.message(status), error.code(status), json);
    }

    /** @param json a JSON object with the member {@code error} only */
    private static byte[] eventOf(Api api, String message, @Nullable String code, String json) {
        String event = api == Api.RESPONSES
                ? "event: error\ndata: {\"type\":\"error\"" + rest(message, code) + ',' + json.substring(1) + "\n\n"
                : "data: " + json + "\n\n";
        return event.getBytes(StandardCharsets.UTF_8);
    }

    private static String rest(String message, @Nullable String code) {
        return ",\"message\":" + quoted(message) + ",\"param\":null,\"code\":" + (code == null ? "null" : quoted(code));
    }

    private static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}

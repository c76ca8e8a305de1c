package io.crowfly.balancer.exchange;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An error of our own making, in OpenAI's shape, so that a client's library turns it into its own error class.
 *
 * @param message for the person who wrote the client
 * @param retryAfterSeconds 0 where there is nothing to wait for
 * @param retryable whether it is left to the client to send the request again, as its status allows
 */
public record ErrorAnswer(
        int status, String type, String code, String message, int retryAfterSeconds, boolean retryable) {

    /** Tells OpenAI's libraries, which try twice more by themselves, whether to. */
    static final AsciiString SHOULD_RETRY = AsciiString.cached("x-should-retry");

    static final AsciiString NO = AsciiString.cached("false");

    /** As long as a probe or two take to find a backend that has come back. */
    private static final int RETRY_AFTER_SECONDS = 1;

    public static ErrorAnswer invalidRequest(int status, String code, String message) {
        return new ErrorAnswer(status, "invalid_request_error", code, message, 0, true);
    }

    static ErrorAnswer bodyTooLarge(long limit) {
        return invalidRequest(413, "request_too_large", "The body is larger than " + limit + " bytes.");
    }

    static ErrorAnswer modelTwice() {
        return invalidRequest(400, "duplicate_key", "The body names its `model` twice; say it once.");
    }

    static ErrorAnswer modelTooFar(int limit) {
        return invalidRequest(
                413,
                "model_too_far",
                "The body must name its `model` within the first " + limit + " bytes; put it first.");
    }

    static ErrorAnswer tooDeep() {
        return invalidRequest(413, "nested_too_deep", "The body's JSON is nested too deep.");
    }

    static ErrorAnswer noName() {
        return invalidRequest(400, "invalid_model", "The `model`, or deployment, must be a string that can be a name.");
    }

    static ErrorAnswer modelMisspelt() {
        return invalidRequest(400, "invalid_model", "The key `model` must be in small letters.");
    }

    static ErrorAnswer badWebSocket() {
        return invalidRequest(
                400,
                "bad_websocket",
                "A WebSocket is opened with `Sec-WebSocket-Key` and `Sec-WebSocket-Version: 13`.");
    }

    static ErrorAnswer unconfinedWebSocket() {
        return invalidRequest(
                403,
                "websocket_not_allowed",
                "Responses over a WebSocket are not allowed here; send them as requests.");
    }

    static ErrorAnswer noModel() {
        return invalidRequest(400, "model_required", "The body must name a `model`.");
    }

    static ErrorAnswer unreadable() {
        return invalidRequest(
                400, "unreadable_body", "The body is no JSON object and no form that can be read, or is compressed.");
    }

    static ErrorAnswer modelUnread() {
        return invalidRequest(
                400,
                "unreadable_model",
                "Where this request may go depends on its model, which can't be read from it.");
    }

    static ErrorAnswer compressed() {
        return invalidRequest(
                415,
                "unsupported_content_encoding",
                "The body is compressed, and its `model` decides where it goes; send it as it is.");
    }

    static ErrorAnswer noMemory() {
        return new ErrorAnswer(
                503,
                "service_unavailable",
                "too_many_large_requests",
                "There are too many large requests at once; put `model` first in the body, and nothing has to wait.",
                RETRY_AFTER_SECONDS,
                true);
    }

    static ErrorAnswer unknownModel(String model) {
        return invalidRequest(
                404, "model_not_found", "The model `" + model + "` does not exist or you do not have access to it.");
    }

    static ErrorAnswer unknownUrl(RequestHead head) {
        return invalidRequest(404, "unknown_url", "Unknown request URL: " + head.method() + ' ' + head.target() + '.');
    }

    static ErrorAnswer bodyTimeout() {
        return invalidRequest(408, "request_timeout", "The request's body did not arrive in time.");
    }

    /** @param rule of the conf's routing rules, the one that confines the request, where that is why */
    static ErrorAnswer noHealthyBackend(Optional<String> rule) {
        return new ErrorAnswer(
                503,
                "service_unavailable",
                "no_healthy_backend",
                rule.map(name -> "No backend that the routing rule `" + name
                                + "` allows can take this request just now.")
                        .orElse("No backend can take this request just now."),
                RETRY_AFTER_SECONDS,
                true);
    }

    /** The same, when as many backends have been tried as may be: if the client did so too, each try would be as many. */
    ErrorAnswer notToBeRetried() {
        return new ErrorAnswer(status, type, code, message, retryAfterSeconds, false);
    }

    /** Another instance can take it at once. */
    static ErrorAnswer ending() {
        return new ErrorAnswer(
                503,
                "service_unavailable",
                "shutting_down",
                "This instance of the service is being shut down; send the request again.",
                0,
                true);
    }

    static ErrorAnswer keptOutOfReach() {
        return new ErrorAnswer(
                503,
                "service_unavailable",
                "state_unavailable",
                "What the request refers to was not found, and may be kept by a backend that can't be asked just now.",
                RETRY_AFTER_SECONDS,
                true);
    }

    static ErrorAnswer credentialRefused() {
        return new ErrorAnswer(
                502,
                "upstream_error",
                "backend_credential_refused",
                "The backend refused the credential of this service; yours is not meant.",
                0,
                true);
    }

    static ErrorAnswer noCredential() {
        return new ErrorAnswer(
                502,
                "upstream_error",
                "backend_credential_missing",
                "This service has no credential to show to the backend; yours is not meant.",
                0,
                true);
    }

    static ErrorAnswer upstreamFailed() {
        return new ErrorAnswer(
                502, "upstream_error", "upstream_failed", "The backend could not be reached, or broke off.", 0, true);
    }

    static ErrorAnswer upstreamTimeout() {
        return new ErrorAnswer(
                504, "upstream_error", "upstream_timeout", "The backend did not answer in time.", 0, true);
    }

    /** As it is sent. */
    JsonAnswer asJson() {
        JsonAnswer answer = new JsonAnswer(status, json().getBytes(StandardCharsets.UTF_8));
        if (retryAfterSeconds > 0) {
            answer.headers.setInt(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
        }
        if (!retryable) {
            answer.headers.set(SHOULD_RETRY, NO);
        }
        return answer;
    }

    private String json() {
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        return "{\"error\":{\"message\":\"" + String.valueOf(encoder.quoteAsString(message)) + "\",\"type\":\"" + type
                + "\",\"code\":\"" + code + "\",\"param\":null}}";
    }
}

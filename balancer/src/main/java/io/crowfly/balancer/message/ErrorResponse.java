package io.crowfly.balancer.message;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.balancer.content.request.BodyScanner;
import io.crowfly.balancer.provider.ErrorEvent;
import io.crowfly.probes.forecast.Api;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Error response that Crowfly itself generates, in OpenAI's format, so that client libraries raise their usual error
 * class.
 *
 * @param message for the developer of the client
 * @param retryAfterSeconds value of {@code retry-after}; 0 for none
 * @param retryable whether client libraries may send the request again; if not, {@code x-should-retry: false} is sent
 */
public record ErrorResponse(
        int status, String type, String code, String message, int retryAfterSeconds, boolean retryable) {

    /** Header that tells OpenAI's libraries whether to retry. By default these libraries retry twice. */
    static final AsciiString SHOULD_RETRY = AsciiString.cached("x-should-retry");

    static final AsciiString FALSE = AsciiString.cached("false");

    /** Value of {@code retry-after}, in seconds: the time that one or two probes need to find a recovered backend. */
    private static final int RETRY_AFTER_SECONDS = 1;

    public static ErrorResponse invalidRequest(int status, String code, String message) {
        return new ErrorResponse(status, "invalid_request_error", code, message, 0, true);
    }

    public static ErrorResponse bodyTooLarge(long limit) {
        return invalidRequest(413, "request_too_large", "The body is larger than " + limit + " bytes.");
    }

    /** @param reason what is wrong, in a few words without any of the body's content; may be empty */
    static ErrorResponse ambiguousForm(String reason) {
        return invalidRequest(
                400,
                "ambiguous_form",
                "The form's `model` selects the backend, and servers may read this form in different ways: "
                        + (reason.isEmpty() ? "the last delimiter is missing" : reason) + '.');
    }

    public static ErrorResponse ambiguousPath() {
        return invalidRequest(
                404,
                "ambiguous_path",
                "Routing rules depend on the path, and servers may read this path in different ways. Segments may contain"
                        + " letters, digits and `-._~:@=`, and must not be empty; upper and lower case must be as documented.");
    }

    /** @param name of the header, as the conf has it */
    public static ErrorResponse ambiguousHeader(String name) {
        return invalidRequest(
                400,
                "ambiguous_header",
                "Routing rules depend on the header `" + name
                        + "`; send it once, with hyphens, and do not name it in `connection`.");
    }

    public static ErrorResponse modelTwice() {
        return invalidRequest(400, "duplicate_key", "The body contains `model` twice; send it once.");
    }

    public static ErrorResponse modelTooFar(int limit) {
        return invalidRequest(
                413,
                "model_too_far",
                "The body must name its `model` within the first " + limit + " bytes; put it first.");
    }

    public static ErrorResponse tooDeep() {
        return invalidRequest(413, "nested_too_deep", "The body's JSON is nested too deep.");
    }

    public static ErrorResponse invalidModel() {
        return invalidRequest(
                400, "invalid_model", "The `model`, or the deployment, must be a string that is a valid name.");
    }

    static ErrorResponse modelInQuery() {
        return invalidRequest(400, "invalid_model", "The `model` must be in the body, not in the query.");
    }

    static ErrorResponse modelTooLong() {
        return invalidRequest(
                404,
                "model_not_found",
                "The `model` is longer than " + BodyScanner.MAX_MODEL_BYTES + " bytes; no model has such a name.");
    }

    static ErrorResponse modelMisspelt() {
        return invalidRequest(400, "invalid_model", "The key `model` must be in lower case.");
    }

    public static ErrorResponse plainHttp() {
        return invalidRequest(
                400, "plain_http", "This port serves HTTPS, and the request was plain HTTP; use https://.");
    }

    public static ErrorResponse badWebSocket() {
        return invalidRequest(
                400,
                "bad_websocket",
                "A WebSocket is opened with `Sec-WebSocket-Key` and `Sec-WebSocket-Version: 13`.");
    }

    public static ErrorResponse originNotAllowed() {
        return invalidRequest(
                403, "origin_not_allowed", "Web pages of this `origin` may not use this service from a browser.");
    }

    public static ErrorResponse webSocketNotAllowed() {
        return invalidRequest(
                403,
                "websocket_not_allowed",
                "Responses over a WebSocket are not allowed here; send HTTP requests instead.");
    }

    static ErrorResponse modelRequired() {
        return invalidRequest(400, "model_required", "The body must name a `model`.");
    }

    public static ErrorResponse unreadableBody() {
        return invalidRequest(
                400, "unreadable_body", "The body is compressed, or is neither a JSON object nor a readable form.");
    }

    /** @param reason what is wrong, in a few words without any of the body's content */
    static ErrorResponse brokenJson(String reason) {
        return invalidRequest(400, "unreadable_body", "The body is not a valid JSON object: " + reason + '.');
    }

    public static ErrorResponse unreadableModel() {
        return invalidRequest(
                400,
                "unreadable_model",
                "The allowed backends depend on the model, and the model can't be read from this request.");
    }

    static ErrorResponse compressedBody() {
        return invalidRequest(
                415,
                "unsupported_content_encoding",
                "The body is compressed, but its `model` selects the backend; send the body uncompressed.");
    }

    public static ErrorResponse noMemory() {
        return new ErrorResponse(
                503,
                "service_unavailable",
                "too_many_large_requests",
                "Too many large requests are waiting; put `model` first in the body, then the request need not wait.",
                RETRY_AFTER_SECONDS,
                true);
    }

    /** Returns the error of an instance whose direct memory is short. */
    public static ErrorResponse overloaded() {
        return new ErrorResponse(
                503,
                "service_unavailable",
                "overloaded",
                "This instance of the service has no memory for the request at the moment; send the request again.",
                RETRY_AFTER_SECONDS,
                true);
    }

    public static ErrorResponse unknownModel(String model) {
        return invalidRequest(
                404, "model_not_found", "The model `" + model + "` does not exist or you do not have access to it.");
    }

    public static ErrorResponse unknownUrl(RequestHead head) {
        return invalidRequest(404, "unknown_url", "Unknown request URL: " + head.method() + ' ' + head.target() + '.');
    }

    public static ErrorResponse headTimeout() {
        return invalidRequest(408, "request_timeout", "The request's head did not arrive in time.");
    }

    public static ErrorResponse bodyTimeout() {
        return invalidRequest(408, "request_timeout", "The request's body did not arrive in time.");
    }

    /**
     * Returns the error for a request without an available backend.
     *
     * @param rule name of the routing rule that restricts the request; empty if no rule does
     */
    public static ErrorResponse noHealthyBackend(Optional<String> rule) {
        return new ErrorResponse(
                503,
                "service_unavailable",
                "no_healthy_backend",
                rule.map(name -> "No backend that the routing rule `" + name
                                + "` allows can take this request at the moment.")
                        .orElse("No backend can take this request at the moment."),
                RETRY_AFTER_SECONDS,
                true);
    }

    /** @param rule name of the routing rule that refuses the request */
    public static ErrorResponse refusedByRule(String rule) {
        return invalidRequest(403, "refused_by_rule", "The routing rule `" + rule + "` refuses this request.");
    }

    /**
     * Returns the same error with {@code x-should-retry: false}. For a request whose allowed attempts have all been
     * made, because each retry by the client would multiply them.
     */
    public ErrorResponse notRetryable() {
        return new ErrorResponse(status, type, code, message, retryAfterSeconds, false);
    }

    /**
     * Returns the error of a draining instance. It has no {@code retry-after}, because another instance can respond at
     * once.
     */
    public static ErrorResponse shuttingDown() {
        return new ErrorResponse(
                503,
                "service_unavailable",
                "shutting_down",
                "This instance of the service is shutting down; send the request again.",
                0,
                true);
    }

    public static ErrorResponse ownerUnavailable() {
        return new ErrorResponse(
                503,
                "service_unavailable",
                "state_unavailable",
                "The object that the request refers to was not found; its backend may be unavailable at the moment.",
                RETRY_AFTER_SECONDS,
                true);
    }

    public static ErrorResponse credentialRefused() {
        return new ErrorResponse(
                502,
                "upstream_error",
                "backend_credential_refused",
                "The backend rejected the credential of this service; your own credential is not the cause.",
                0,
                true);
    }

    public static ErrorResponse noCredential() {
        return new ErrorResponse(
                502,
                "upstream_error",
                "backend_credential_missing",
                "This service has no credential for the backend; your own credential is not the cause.",
                0,
                true);
    }

    /**
     * Returns the error after attempts without a response.
     *
     * @param timedOut whether the last attempt ended by a timeout
     * @param attempts number of attempts that were made
     * @param lastFailure how the last attempt ended, in a few words that clients may see
     * @param rule name of the routing rule that restricts the request; empty if no rule does
     */
    public static ErrorResponse upstreamFailed(
            boolean timedOut, int attempts, String lastFailure, Optional<String> rule) {
        String failed = attempts == 1
                ? "One backend failed: " + lastFailure + '.'
                : attempts + " attempts at backends failed, the last one: " + lastFailure + '.';
        return new ErrorResponse(
                timedOut ? 504 : 502,
                "upstream_error",
                timedOut ? "upstream_timeout" : "upstream_failed",
                failed
                        + rule.map(name -> " The routing rule `" + name + "` limits the backends for this request.")
                                .orElse(""),
                0,
                true);
    }

    /**
     * Returns the error if none of the backends that were available could be reached.
     *
     * @param timedOut whether the last attempt to connect ended by a timeout
     * @param rule name of the routing rule that restricts the request; empty if no rule does
     */
    public static ErrorResponse noBackendReachable(boolean timedOut, Optional<String> rule) {
        return new ErrorResponse(
                timedOut ? 504 : 502,
                "upstream_error",
                "no_backend_reachable",
                rule.map(name -> "No backend that the routing rule `" + name + "` allows can be reached at the moment.")
                        .orElse("No backend can be reached at the moment."),
                0,
                true);
    }

    public static ErrorResponse upstreamTimeout() {
        return new ErrorResponse(
                504, "upstream_error", "upstream_timeout", "The backend did not respond in time.", 0, true);
    }

    /** Returns the response that is sent to the client. */
    public JsonResponse asJson() {
        JsonResponse response = new JsonResponse(status, json().getBytes(StandardCharsets.UTF_8));
        if (retryAfterSeconds > 0) {
            response.headers.setInt(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
        }
        if (!retryable) {
            response.headers.set(SHOULD_RETRY, FALSE);
        }
        return response;
    }

    /**
     * Returns the error as a server-sent event, for a client that has received the head of a stream.
     *
     * @param api operation of the stream
     */
    public byte[] asEvent(Api api) {
        return ErrorEvent.encode(api, type, code, message);
    }

    /** Returns the body of the response. */
    public String json() {
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        return "{\"error\":{\"message\":\"" + String.valueOf(encoder.quoteAsString(message)) + "\",\"type\":\"" + type
                + "\",\"code\":\"" + code + "\",\"param\":null}}";
    }
}

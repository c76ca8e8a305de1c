package io.crowfly.balancer.provider;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/*
 * The members of errors, in the order in which they are used:
 *
 *   status   Google: a canonical code (google.rpc.Code); Azure's content filter: a number
 *   code     OpenAI: a name; Azure: a number as text, or a name; Google and inference servers: a number
 *   type     OpenAI: a name that is less exact than the code; inference servers: the name of a class
 *
 * Names differ in case and separators (`DeploymentNotFound`, `deployment_not_found`), so only letters are compared.
 */

/**
 * Mapping from the members of an error that was reported in an event to the status that the backend would have sent as
 * a response head.
 */
public final class ErrorStatus {

    /** Status of an error that gives no reason. Such an error is the backend's fault until it says otherwise. */
    static final int UNKNOWN_ERROR = 500;

    private static final int NONE = 0;

    private static final Map<String, Integer> NAMES = new HashMap<>();

    static {
        put(
                400,
                "invalid_request_error invalid_request bad_request bad_request_error invalid_argument out_of_range"
                        + " failed_precondition validation_error invalid_value invalid_type invalid_prompt"
                        + " invalid_image invalid_image_format invalid_base64_image invalid_image_url invalid_image_mode"
                        + " image_too_large image_too_small image_parse_error image_file_too_large"
                        + " image_file_not_found empty_image_file failed_to_download_image unsupported_image_media_type"
                        + " unsupported_parameter unsupported_value missing_required_parameter"
                        + " context_length_exceeded string_above_max_length tokens_limit_reached"
                        // Filters reject the request or its result wherever it is sent.
                        + " content_filter content_filter_error content_policy_violation image_content_policy_violation"
                        + " responsible_ai_policy_violation moderation_blocked cyber_policy_violation");
        put(
                401,
                "authentication_error unauthenticated unauthorized invalid_api_key invalid_authentication"
                        + " incorrect_api_key");
        put(403, "permission_error permission_denied permission_denied_error forbidden access_denied");
        put(
                404,
                "not_found not_found_error model_not_found deployment_not_found previous_response_not_found"
                        + " unknown_model");
        put(408, "request_timeout");
        put(409, "conflict conflict_error aborted");
        put(413, "request_too_large");
        put(422, "unprocessable_entity unprocessable_entity_error");
        put(
                429,
                "rate_limit_exceeded rate_limit_error rate_limit_reached rate_limited too_many_requests"
                        + " resource_exhausted insufficient_quota quota_exceeded requests tokens no_capacity"
                        + " throttled throttling");
        put(500, "internal internal_error internal_server_error unknown data_loss");
        put(501, "not_implemented not_implemented_error unimplemented");
        put(502, "bad_gateway upstream_error");
        put(
                503,
                "server_error api_error overloaded overloaded_error model_overloaded engine_overloaded server_overloaded"
                        + " server_busy service_unavailable service_unavailable_error unavailable slow_down");
        put(504, "timeout timeout_error deadline_exceeded gateway_timeout vector_store_timeout");
    }

    private static void put(int status, String names) {
        for (String name : names.split(" ")) {
            NAMES.put(letters(name), status);
        }
    }

    private ErrorStatus() {}

    /**
     * Returns the status that an error stands for, by the first member that names one.
     *
     * @param status the error's {@code status}; empty if it has none, as for the other members
     */
    public static int of(String status, String code, String type) {
        int found = named(status);
        if (found == NONE) {
            found = named(code);
        }
        if (found == NONE) {
            found = named(type);
        }
        return found == NONE ? UNKNOWN_ERROR : found;
    }

    private static int named(String member) {
        if (member.length() == 3 && member.charAt(0) >= '4' && member.charAt(0) <= '5') {
            int second = Character.digit(member.charAt(1), 10);
            int third = Character.digit(member.charAt(2), 10);
            if (second >= 0 && third >= 0) {
                return (member.charAt(0) - '0') * 100 + second * 10 + third;
            }
        }
        return NAMES.getOrDefault(letters(member), NONE);
    }

    /** Returns whether an error says that the backend does not have the model. */
    public static boolean saysModelNotFound(String code) {
        String letters = letters(code);
        return letters.equals("modelnotfound")
                || letters.equals("deploymentnotfound")
                || letters.equals("unknownmodel");
    }

    /** Returns whether an error says that an object to which the request refers was not found. */
    public static boolean saysReferenceNotFound(String code) {
        return letters(code).endsWith("notfound");
    }

    private static String letters(String name) {
        StringBuilder letters = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '_' && c != '-' && c != ' ') {
                letters.append(c);
            }
        }
        return letters.toString().toLowerCase(Locale.ROOT);
    }
}

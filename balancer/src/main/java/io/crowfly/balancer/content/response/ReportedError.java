package io.crowfly.balancer.content.response;

/**
 * Members of an error event that say what kind of error it is. A member is empty if the event does not have it.
 *
 * @param status for example {@code RESOURCE_EXHAUSTED} or {@code 429}
 * @param code for example {@code rate_limit_exceeded} or {@code 503}
 * @param type for example {@code server_error}
 */
public record ReportedError(String status, String code, String type) {

    static final ReportedError UNSPECIFIED = new ReportedError("", "", "");
}

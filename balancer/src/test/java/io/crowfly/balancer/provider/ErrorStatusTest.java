package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorStatusTest {

    @ParameterizedTest
    @CsvSource({
        // status, code, type, expected
        "RESOURCE_EXHAUSTED, 429, '', 429",
        "UNAVAILABLE, 503, '', 503",
        "DEADLINE_EXCEEDED, 504, '', 504",
        "INTERNAL, 500, '', 500",
        "INVALID_ARGUMENT, 400, '', 400",
        "PERMISSION_DENIED, 403, '', 403",
        "'', rate_limit_exceeded, requests, 429",
        "'', rate_limit_exceeded, tokens, 429",
        "'', '', tokens, 429",
        "'', RateLimitReached, '', 429",
        "'', 429, '', 429",
        "'', too_many_requests, too_many_requests, 429",
        "'', insufficient_quota, insufficient_quota, 429",
        "'', NoCapacity, '', 429",
        "'', '', server_error, 503",
        "'', server_error, '', 503",
        "'', '', overloaded_error, 503",
        "'', overloaded, '', 503",
        "'', '', api_error, 503",
        "'', 529, overloaded_error, 529",
        "'', Timeout, '', 504",
        "'', '', InternalServerError, 500",
        "'', 400, BadRequestError, 400",
        "'', '', BadRequestError, 400",
        "400, content_filter, '', 400",
        "'', content_filter, '', 400",
        "'', ResponsibleAIPolicyViolation, '', 400",
        "'', invalid_prompt, '', 400",
        "'', context_length_exceeded, invalid_request_error, 400",
        "'', something_new, invalid_request_error, 400",
        "'', model_not_found, invalid_request_error, 404",
        "'', DeploymentNotFound, '', 404",
        "'', invalid_api_key, invalid_request_error, 401",
        "'', PermissionDenied, '', 403",
    })
    void theFirstMemberThatNamesAStatusDecides(String status, String code, String type, int expected) {
        assertThat(ErrorStatus.of(status, code, type)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'', '', ''", "'', something_new, ''", "600, 42, 4x4", "'', '', upstream_whatever", "200, 302, '٤٢٩'"})
    void anErrorWithoutAKnownReasonIsTheBackendsFault(String status, String code, String type) {
        assertThat(ErrorStatus.of(status, code, type)).isEqualTo(500);
    }

    @Test
    void recognisesWhatWasNotFound() {
        assertThat(ErrorStatus.saysModelNotFound("DeploymentNotFound")).isTrue();
        assertThat(ErrorStatus.saysModelNotFound("model_not_found")).isTrue();
        assertThat(ErrorStatus.saysModelNotFound("previous_response_not_found")).isFalse();
        assertThat(ErrorStatus.saysReferenceNotFound("previous_response_not_found"))
                .isTrue();
        assertThat(ErrorStatus.saysReferenceNotFound("invalid_prompt")).isFalse();
    }
}

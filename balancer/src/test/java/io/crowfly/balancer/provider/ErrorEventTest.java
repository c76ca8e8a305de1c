package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Api;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ErrorEventTest {

    private static final String MEMBERS = ",\"message\":\"Upstream stream ended unexpectedly.\",\"param\":null,"
            + "\"code\":\"upstream_stream_interrupted\"";

    @Test
    void encodesAnEventThatContainsAnError() {
        assertThat(new String(ErrorEvent.interrupted(Api.CHAT_COMPLETIONS), StandardCharsets.UTF_8))
                .isEqualTo("data: {\"error\":{\"type\":\"upstream_error\"" + MEMBERS + "}}\n\n");
    }

    @Test
    void usesTheEventNameAndFormOfTheResponsesApi() {
        assertThat(new String(ErrorEvent.interrupted(Api.RESPONSES), StandardCharsets.UTF_8))
                .isEqualTo("event: error\ndata: {\"type\":\"error\"" + MEMBERS
                        + ",\"error\":{\"type\":\"upstream_error\"" + MEMBERS + "}}\n\n");
    }

    @Test
    void escapesTheMessage() {
        assertThat(new String(ErrorEvent.encode(Api.COMPLETIONS, "t", "c", "a \"b\"\n"), StandardCharsets.UTF_8))
                .contains("a \\\"b\\\"\\n")
                .endsWith("}}\n\n");
    }

    private static String ofResponse(Api api, int status, String body) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        return new String(
                ErrorEvent.ofResponse(api, status, headers, body.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8);
    }

    @Test
    void encodesABackendsErrorResponse() {
        String body = "{\n  \"error\": {\"code\": 429, \"message\": \"Full\", \"status\": \"RESOURCE_EXHAUSTED\"}\n}";
        String error =
                "\"error\":{\"message\":\"Full\",\"type\":\"RESOURCE_EXHAUSTED\",\"param\":null,\"code\":\"429\"}}\n\n";
        assertThat(ofResponse(Api.CHAT_COMPLETIONS, 429, body)).isEqualTo("data: {" + error);
        assertThat(ofResponse(Api.RESPONSES, 429, body))
                .isEqualTo(
                        "event: error\ndata: {\"type\":\"error\",\"message\":\"Full\",\"param\":null,\"code\":\"429\","
                                + error);
        assertThat(ofResponse(Api.RESPONSES, 400, "{\"error\":{\"message\":\"No\",\"code\":null}}"))
                .contains("\"message\":\"No\",\"param\":null,\"code\":null,\"error\":{\"message\":\"No\"");
    }

    @Test
    void anUnreadableErrorResponseHasItsStatus() {
        assertThat(ofResponse(Api.CHAT_COMPLETIONS, 502, "<html>\n\n<title>Bad</title>"))
                .startsWith("data: {\"error\":{\"message\":\"The backend responded with status 502")
                .endsWith("\"code\":\"502\"}}\n\n");
    }
}

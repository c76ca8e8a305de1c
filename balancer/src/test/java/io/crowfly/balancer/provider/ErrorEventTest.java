package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Api;
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
        assertThat(new String(ErrorEvent.encode(Api.COMPLETIONS, "c", "a \"b\"\n"), StandardCharsets.UTF_8))
                .contains("a \\\"b\\\"\\n")
                .endsWith("}}\n\n");
    }
}

package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.ApiOperation;
import io.crowfly.bench.endpoint.fixture.Template;
import java.util.Optional;

/** Fault of a token stream at a moment that is known relative to its first token. */
enum StreamFault {
    /** The stream ends regularly, after the events before the first token. */
    EARLY_END(0),
    EARLY_ERROR(0),
    EARLY_RESET(0),
    LATE_ERROR(2),
    LATE_RESET(2);

    private static final Template CHAT_ERROR =
            new Template("data: {\"error\":{\"message\":\"The server had an error while"
                    + " processing your request.\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");

    private static final Template RESPONSES_ERROR =
            new Template("event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":{{sequence}},"
                    + "\"response\":{\"id\":\"resp_{{id}}\",\"object\":\"response\",\"created_at\":{{created}},"
                    + "\"status\":\"failed\",\"model\":\"{{model}}\",\"output\":[],\"error\":{\"code\":\"server_error\","
                    + "\"message\":\"The server had an error while processing your request.\"}}}\n\n");

    /** Maximum number of tokens before the fault. */
    final int tokens;

    StreamFault(int tokens) {
        this.tokens = tokens;
    }

    boolean isReset() {
        return this == EARLY_RESET || this == LATE_RESET;
    }

    /** Returns the event that reports an error; empty if this fault has none. */
    Optional<Template> event(ApiOperation api) {
        return switch (this) {
            case EARLY_ERROR, LATE_ERROR -> Optional.of(api == ApiOperation.RESPONSES ? RESPONSES_ERROR : CHAT_ERROR);
            case EARLY_END, EARLY_RESET, LATE_RESET -> Optional.empty();
        };
    }
}

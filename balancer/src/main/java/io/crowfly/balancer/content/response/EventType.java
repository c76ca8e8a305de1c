package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.DecodedText;
import io.crowfly.balancer.content.json.NameTable;
import java.nio.charset.StandardCharsets;

/**
 * What the top-level {@code type} of an event says about a token stream. Chat completions and completions have no
 * {@code type}. The Responses API has one in each event.
 */
enum EventType {
    /** The event has no {@code type}. */
    ABSENT,
    /** The event comes before the content, or only keeps the connection open. */
    PREPARATION,
    /** The event carries a token or a part of one. */
    DELTA,
    /**
     * The event carries other content, or its type is unknown. An unknown type counts as content, because Crowfly may
     * withhold only what is certainly not content.
     */
    CONTENT,
    /** The event is the regular last one of its stream. The result may be empty, but is a result. */
    END,
    /** The event is the last one of a response that has failed. */
    FAILED,
    /** The event reports an error. */
    ERROR,
    /** The event is an error without an enclosing object, and its type names the error. */
    NAMED_ERROR;

    private static final NameTable TYPES = new NameTable(
            "error",
            "response.failed",
            "response.completed",
            "response.incomplete",
            "response.created",
            "response.queued",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "keepalive",
            "ping");
    private static final EventType[] OF_TYPE = {
        ERROR,
        FAILED,
        END,
        END,
        PREPARATION,
        PREPARATION,
        PREPARATION,
        PREPARATION,
        PREPARATION,
        PREPARATION,
        PREPARATION
    };

    private static final byte[] RESPONSE_PREFIX = "response.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELTA_SUFFIX = ".delta".getBytes(StandardCharsets.US_ASCII);

    /** Suffixes of names such as {@code server_error} and {@code BadRequestError}. */
    private static final byte[] ERROR_SUFFIX = "_error".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] ERROR_CLASS_SUFFIX = "Error".getBytes(StandardCharsets.US_ASCII);

    /** Classifies a type without an allocation. */
    static EventType of(DecodedText type) {
        int index = type.indexIn(TYPES);
        if (index >= 0) {
            return OF_TYPE[index];
        } else if (type.startsWith(RESPONSE_PREFIX) && type.endsWith(DELTA_SUFFIX)) {
            return DELTA;
        }
        return type.endsWith(ERROR_SUFFIX) || type.endsWith(ERROR_CLASS_SUFFIX) ? NAMED_ERROR : CONTENT;
    }

    boolean carriesContent() {
        return this == DELTA || this == CONTENT || this == END;
    }

    boolean reportsError() {
        return this == ERROR || this == FAILED || this == NAMED_ERROR;
    }

    boolean endsStream() {
        return this == END || this == FAILED;
    }
}

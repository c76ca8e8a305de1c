package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.DecodedText;
import io.crowfly.balancer.content.json.NameTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the top-level {@code type} of an event says about a token stream. Chat completions and completions have no
 * {@code type}. The Responses API has one in each event.
 */
enum EventType {
    /** The event has no {@code type}. */
    ABSENT,
    /** The event comes before the content, or only keeps the connection open. */
    PREPARATION(
            "response.created",
            "response.queued",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "keepalive",
            "ping"),
    /** The event carries a token or a part of one. */
    DELTA,
    /**
     * The event carries other content, or its type is unknown. An unknown type counts as content, because Crowfly may
     * withhold only what is certainly not content.
     */
    CONTENT,
    /** The event is the regular last one of its stream. The result may be empty, but is a result. */
    END("response.completed", "response.incomplete"),
    /** The event is the last one of a response that has failed. */
    FAILED("response.failed"),
    /** The event reports an error. */
    ERROR("error"),
    /** The event is an error without an enclosing object, and its type names the error. */
    NAMED_ERROR;

    private static final NameTable NAMES = new NameTable(
            Stream.of(values()).flatMap(type -> type.names.stream()).toArray(String[]::new));

    /** Types in the order of {@link #NAMES}, which has several names of some. */
    private static final EventType[] OF_NAME = Stream.of(values())
            .flatMap(type -> type.names.stream().map(name -> type))
            .toArray(EventType[]::new);

    private static final byte[] RESPONSE_PREFIX = "response.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELTA_SUFFIX = ".delta".getBytes(StandardCharsets.US_ASCII);

    /** Suffixes of names such as {@code server_error} and {@code BadRequestError}. */
    private static final byte[] ERROR_SUFFIX = "_error".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] ERROR_CLASS_SUFFIX = "Error".getBytes(StandardCharsets.US_ASCII);

    /** Values of {@code type} that are known in full. */
    private final List<String> names;

    EventType(String... names) {
        this.names = List.of(names);
    }

    /** Classifies a type without an allocation. */
    static EventType of(DecodedText type) {
        int index = type.indexIn(NAMES);
        if (index >= 0) {
            return OF_NAME[index];
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

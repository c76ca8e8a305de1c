package io.crowfly.bench.endpoint.dialect;

import java.util.Arrays;
import java.util.Optional;

/** API operations that a simulated endpoint serves below its root path, except those of stored objects. */
public enum ApiOperation {
    CHAT("POST", "chat/completions", "chat"),
    EMBEDDINGS("POST", "embeddings", "embeddings"),
    RESPONSES("POST", "responses", "responses"),
    IMAGES("POST", "images/generations", "images"),
    IMAGE_EDITS("POST", "images/edits", "images"),
    TRANSCRIPTIONS("POST", "audio/transcriptions", "transcriptions"),
    TRANSLATIONS("POST", "audio/translations", "transcriptions"),
    SPEECH("POST", "audio/speech", "speech"),
    MODELS("GET", "models", "models"),
    /**
     * Target of large uploads, which no provider has: the response is the length and checksum of the request's body.
     */
    SINK("POST", "sink", ""),
    /** Source of large downloads, which no provider has: the response has the requested number of bytes. */
    BLOB("GET", "blob", "");

    private final String method;
    private final String operation;

    /** Name of the fixture with a successful response; empty if the operation has no fixture. */
    public final String fixture;

    ApiOperation(String method, String operation, String fixture) {
        this.method = method;
        this.operation = operation;
        this.fixture = fixture;
    }

    /**
     * Returns the operation with this method and path below the root; empty if there is none. {@code HEAD} counts as
     * {@code GET}.
     */
    public static Optional<ApiOperation> find(String method, String operation) {
        String effectiveMethod = method.equals("HEAD") ? "GET" : method;
        return Arrays.stream(values())
                .filter(api -> api.method.equals(effectiveMethod) && api.operation.equals(operation))
                .findFirst();
    }

    public boolean canStream() {
        return this == CHAT || this == RESPONSES;
    }

    public boolean canCallTools() {
        return canStream();
    }

    /** Returns whether the body of such a request is a form with a file; otherwise the body is JSON. */
    public boolean acceptsForm() {
        return this == TRANSCRIPTIONS || this == TRANSLATIONS || this == IMAGE_EDITS;
    }
}

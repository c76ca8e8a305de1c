package io.crowfly.bench.endpoint.dialect;

import java.util.Arrays;
import java.util.Optional;

/** The APIs of an endpoint below its root path, except those of stored objects. */
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
    /** No provider has this API. The endpoint counts the bytes of the request's body, as a target for large uploads. */
    SINK("POST", "sink", ""),
    /** No provider has this API. The response has the requested number of bytes, as a source of large downloads. */
    BLOB("GET", "blob", "");

    private final String method;
    private final String operation;

    /** The name of the fixture with a successful response; empty if there is none. */
    public final String fixture;

    ApiOperation(String method, String operation, String fixture) {
        this.method = method;
        this.operation = operation;
        this.fixture = fixture;
    }

    /** Returns the API with this method and path below the root. {@code HEAD} counts as {@code GET}. */
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

    /** Returns whether the request is a form with a file rather than JSON. */
    public boolean acceptsForm() {
        return this == TRANSCRIPTIONS || this == TRANSLATIONS || this == IMAGE_EDITS;
    }
}

package io.crowfly.bench.endpoint.dialect;

import java.util.Arrays;
import java.util.Optional;

/** What can be asked of an endpoint under its root, beside what it keeps ({@code ObjectKind}). */
public enum Api {
    CHAT("POST", "chat/completions", "chat"),
    EMBEDDINGS("POST", "embeddings", "embeddings"),
    RESPONSES("POST", "responses", "responses"),
    IMAGES("POST", "images/generations", "images"),
    IMAGE_EDITS("POST", "images/edits", "images"),
    TRANSCRIPTIONS("POST", "audio/transcriptions", "transcriptions"),
    TRANSLATIONS("POST", "audio/translations", "transcriptions"),
    SPEECH("POST", "audio/speech", "speech"),
    MODELS("GET", "models", "models"),
    /** Not any provider's: counts what is sent to it, so that large uploads have somewhere to go. */
    SINK("POST", "sink", ""),
    /** Not any provider's: as many bytes as asked for, so that large downloads come from somewhere. */
    BLOB("GET", "blob", "");

    private final String method;
    private final String operation;

    /** The name of the fixture with a good answer; empty if there is none. */
    public final String fixture;

    Api(String method, String operation, String fixture) {
        this.method = method;
        this.operation = operation;
        this.fixture = fixture;
    }

    public static Optional<Api> find(String method, String operation) {
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

    /** Whether its request is a form with a file in it rather than JSON. */
    public boolean acceptsForm() {
        return this == TRANSCRIPTIONS || this == TRANSLATIONS || this == IMAGE_EDITS;
    }
}

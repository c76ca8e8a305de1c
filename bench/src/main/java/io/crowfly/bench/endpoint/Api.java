package io.crowfly.bench.endpoint;

import java.util.Arrays;
import java.util.Optional;

/** What can be asked of an endpoint under its root. */
enum Api {
    CHAT("POST", "chat/completions"),
    EMBEDDINGS("POST", "embeddings"),
    RESPONSES("POST", "responses"),
    MODELS("GET", "models"),
    /** Not any provider's: counts what is sent to it, so that large uploads have somewhere to go. */
    SINK("POST", "sink"),
    /** Not any provider's: as many bytes as asked for, so that large downloads come from somewhere. */
    BLOB("GET", "blob");

    private final String method;
    private final String operation;

    Api(String method, String operation) {
        this.method = method;
        this.operation = operation;
    }

    static Optional<Api> of(String method, String operation) {
        String asked = method.equals("HEAD") ? "GET" : method;
        return Arrays.stream(values())
                .filter(api -> api.method.equals(asked) && api.operation.equals(operation))
                .findFirst();
    }
}

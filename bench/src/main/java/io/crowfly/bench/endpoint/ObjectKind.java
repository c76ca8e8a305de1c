package io.crowfly.bench.endpoint;

import java.util.Arrays;
import java.util.Optional;

/**
 * Kinds of objects that a simulated endpoint stores for later requests. Each kind has its own path and prefix of ids.
 */
enum ObjectKind {
    RESPONSE("responses", "resp_", "response"),
    COMPLETION("chat/completions", "chatcmpl-", "chat.completion"),
    CONVERSATION("conversations", "conv_", "conversation"),
    FILE("files", "file-", "file"),
    BATCH("batches", "batch_", "batch"),
    VECTOR_STORE("vector_stores", "vs_", "vector_store"),
    CONTAINER("containers", "cntr_", "container");

    final String path;
    final String idPrefix;

    /** Value of the field {@code object} in the JSON of such an object. */
    final String object;

    ObjectKind(String path, String idPrefix, String object) {
        this.path = path;
        this.idPrefix = idPrefix;
        this.object = object;
    }

    /** Returns the kind whose path equals the operation, or equals its first segments. */
    static Optional<ObjectKind> find(String operation) {
        return Arrays.stream(values())
                .filter(kind -> operation.equals(kind.path) || operation.startsWith(kind.path + "/"))
                .findFirst();
    }
}

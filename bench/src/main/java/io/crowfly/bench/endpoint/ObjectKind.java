package io.crowfly.bench.endpoint;

import java.util.Arrays;
import java.util.Optional;

/** What an endpoint keeps for later requests. Each kind has a path of its own, and its ids tell it. */
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

    /** As it stands in the JSON's {@code object}. */
    final String object;

    ObjectKind(String path, String idPrefix, String object) {
        this.path = path;
        this.idPrefix = idPrefix;
        this.object = object;
    }

    /** Whose path this is, or begins. */
    static Optional<ObjectKind> find(String operation) {
        return Arrays.stream(values())
                .filter(kind -> operation.equals(kind.path) || operation.startsWith(kind.path + "/"))
                .findFirst();
    }
}

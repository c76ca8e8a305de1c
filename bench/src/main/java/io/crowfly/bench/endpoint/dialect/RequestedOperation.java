package io.crowfly.bench.endpoint.dialect;

import java.util.Optional;

/**
 * The operation of a request, named as in OpenAI's API.
 *
 * @param name the path after {@code /v1/} in OpenAI's API: {@code chat/completions}, {@code files/file-1/content}
 * @param model the model that the path names; empty if the body names the model
 */
public record RequestedOperation(String name, Optional<String> model) implements Resolution {

    static RequestedOperation withoutModel(String name) {
        return new RequestedOperation(name, Optional.empty());
    }
}

package io.crowfly.bench.endpoint.dialect;

import java.util.Optional;

/**
 * Operation that a request to a simulated endpoint names, in the terms of OpenAI's API.
 *
 * @param name path after {@code /v1/} in OpenAI's API: {@code chat/completions}, {@code files/file-1/content}
 * @param model model that the path names; empty if the body names the model
 */
public record RequestedOperation(String name, Optional<String> model) implements Resolution {

    static RequestedOperation withoutModel(String name) {
        return new RequestedOperation(name, Optional.empty());
    }
}

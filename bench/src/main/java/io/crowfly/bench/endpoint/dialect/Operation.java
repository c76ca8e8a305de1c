package io.crowfly.bench.endpoint.dialect;

import java.util.Optional;

/**
 * What a request wants, in the words of OpenAI's API.
 *
 * @param name what stands behind {@code /v1/} there: {@code chat/completions}, {@code files/file-1/content}
 * @param model that the path names; empty where the body does
 */
public record Operation(String name, Optional<String> model) implements Resolution {

    static Operation withoutModel(String name) {
        return new Operation(name, Optional.empty());
    }
}

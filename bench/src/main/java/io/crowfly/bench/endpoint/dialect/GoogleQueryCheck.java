package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;

/** Check of the query that the simulated Vertex AI and Gemini API share. */
final class GoogleQueryCheck {

    private GoogleQueryCheck() {}

    /**
     * Returns a refusal if the query has {@code api-version}, a parameter of Azure's clients. Google refuses unknown
     * query parameters.
     */
    static Optional<EndpointRefusal> check(QueryStringDecoder uri) {
        return uri.parameters().containsKey("api-version")
                ? Optional.of(EndpointRefusal.withStatus(400, "no such parameter: api-version"))
                : Optional.empty();
    }
}

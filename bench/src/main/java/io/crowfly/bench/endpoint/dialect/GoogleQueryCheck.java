package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;

/** Check of the query that both surfaces of Google share. */
final class GoogleQueryCheck {

    private GoogleQueryCheck() {}

    /**
     * Returns a refusal if the query has {@code api-version}. Google maps each query parameter to a field, and this field
     * does not exist. The parameter comes from clients of another cloud.
     */
    static Optional<EndpointRefusal> check(QueryStringDecoder uri) {
        return uri.parameters().containsKey("api-version")
                ? Optional.of(EndpointRefusal.withStatus(400, "no such parameter: api-version"))
                : Optional.empty();
    }
}

package io.crowfly.conf;

import io.crowfly.conf.value.Glob;
import java.util.Map;
import java.util.Optional;

/**
 * Condition that a routing rule places on requests ({@code when}). A request matches if it meets every given part;
 * without any part, every request matches.
 *
 * @param path pattern of the path, without the query
 * @param model pattern of the client's name of the model; a request without a model does not match
 * @param headers patterns of values by lower-case name; if a header appears twice, one matching value is enough
 */
public record RequestCondition(Optional<Glob> path, Optional<Glob> model, Map<String, Glob> headers) {

    public RequestCondition {
        headers = Map.copyOf(headers);
    }
}

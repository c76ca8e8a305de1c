package io.crowfly.conf;

import java.util.Map;
import java.util.Optional;

/**
 * Which requests a rule is about: those that match all that is given here, so that nothing given matches every request.
 *
 * @param path without the query
 * @param model the client's name of it; a request that names none does not match
 * @param headers by their names in lower case; of a header that is sent twice, one that matches will do
 */
public record When(Optional<Glob> path, Optional<Glob> model, Map<String, Glob> headers) {

    public When {
        headers = Map.copyOf(headers);
    }
}

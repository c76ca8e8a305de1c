package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an endpoint asks of whoever calls it, whichever its dialect. With a credential of its own it takes that and no
 * other beside it, so that a client's key that comes along is noticed.
 *
 * @param apiKey what the header {@code api-key} may bring; with neither key nor bearer anything goes
 * @param bearer the token that {@code authorization} may bring
 * @param models the names that it knows; none given, any will do
 * @param prefix stands before every path, as with an API gateway in front: {@code /apim/gw}, or empty
 * @param headers that every request must have, by lower-case name
 */
public record Terms(
        Optional<String> apiKey,
        Optional<String> bearer,
        Set<String> models,
        String prefix,
        Map<String, String> headers) {

    public Terms {
        models = Set.copyOf(models);
        headers = Map.copyOf(headers);
    }

    /** Asks for nothing. */
    public static Terms open() {
        return new Terms(Optional.empty(), Optional.empty(), Set.of(), "", Map.of());
    }

    public Terms withApiKey(String key) {
        return new Terms(Optional.of(key), bearer, models, prefix, headers);
    }

    public Terms withBearer(String token) {
        return new Terms(apiKey, Optional.of(token), models, prefix, headers);
    }

    public Terms withModels(String... names) {
        return new Terms(apiKey, bearer, new LinkedHashSet<>(Set.of(names)), prefix, headers);
    }

    public Terms withPrefix(String path) {
        return new Terms(apiKey, bearer, models, path, headers);
    }

    /** @param name in lower case */
    public Terms withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Terms(apiKey, bearer, models, prefix, more);
    }

    boolean serves(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** The path below the prefix; empty if it isn't under it. */
    Optional<String> below(String path) {
        return path.startsWith(prefix + "/") ? Optional.of(path.substring(prefix.length())) : Optional.empty();
    }

    /** What is wrong with these headers. Says of a credential which kind it is, never what it is. */
    Optional<Refusal> refusal(HttpHeaders given) {
        for (Map.Entry<String, String> wanted : headers.entrySet()) {
            if (!wanted.getValue().equals(given.get(wanted.getKey()))) {
                return Optional.of(Refusal.of(400, "the header " + wanted.getKey() + " is missing or wrong"));
            }
        }
        return apiKey.isEmpty() && bearer.isEmpty() ? Optional.empty() : wrongCredential(given);
    }

    private Optional<Refusal> wrongCredential(HttpHeaders given) {
        int credentials = RequestHeaders.countCredentials(given);
        if (credentials != 1) {
            return Optional.of(Refusal.of(401, credentials == 0 ? "no credential" : "more than one credential"));
        }
        if (apiKey.isPresent() && apiKey.get().equals(given.get("api-key"))) {
            return Optional.empty();
        }
        String authorization = given.get("authorization");
        if (authorization == null) {
            return Optional.of(Refusal.of(401, "a wrong key"));
        }
        return bearer.isPresent() && authorization.equals("Bearer " + bearer.get())
                ? Optional.empty()
                : Optional.of(Refusal.of(401, "a wrong token").inForm("401-token"));
    }

    @Override
    public String toString() {
        return "Terms" + models + prefix;
    }
}

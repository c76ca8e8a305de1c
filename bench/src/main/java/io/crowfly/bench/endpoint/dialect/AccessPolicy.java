package io.crowfly.bench.endpoint.dialect;

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
 * @param requiredHeaders that every request must have, by lower-case name
 */
public record AccessPolicy(
        Optional<String> apiKey,
        Optional<String> bearer,
        Set<String> models,
        String prefix,
        Map<String, String> requiredHeaders) {

    public AccessPolicy {
        models = Set.copyOf(models);
        requiredHeaders = Map.copyOf(requiredHeaders);
    }

    /** Asks for nothing. */
    public static AccessPolicy open() {
        return new AccessPolicy(Optional.empty(), Optional.empty(), Set.of(), "", Map.of());
    }

    public AccessPolicy withApiKey(String key) {
        return new AccessPolicy(Optional.of(key), bearer, models, prefix, requiredHeaders);
    }

    public AccessPolicy withBearer(String token) {
        return new AccessPolicy(apiKey, Optional.of(token), models, prefix, requiredHeaders);
    }

    public AccessPolicy withModels(String... names) {
        return new AccessPolicy(apiKey, bearer, new LinkedHashSet<>(Set.of(names)), prefix, requiredHeaders);
    }

    public AccessPolicy withPrefix(String path) {
        return new AccessPolicy(apiKey, bearer, models, path, requiredHeaders);
    }

    /** @param name in lower case */
    public AccessPolicy withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(requiredHeaders);
        more.put(name, value);
        return new AccessPolicy(apiKey, bearer, models, prefix, more);
    }

    public boolean serves(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** The path below the prefix; empty if it isn't under it. */
    Optional<String> pathBelowPrefix(String path) {
        return path.startsWith(prefix + "/") ? Optional.of(path.substring(prefix.length())) : Optional.empty();
    }

    /** What is wrong with these headers. Says of a credential which kind it is, never what it is. */
    Optional<Refusal> check(HttpHeaders received) {
        for (Map.Entry<String, String> required : requiredHeaders.entrySet()) {
            if (!required.getValue().equals(received.get(required.getKey()))) {
                return Optional.of(Refusal.withStatus(400, "the header " + required.getKey() + " is missing or wrong"));
            }
        }
        return apiKey.isEmpty() && bearer.isEmpty() ? Optional.empty() : checkCredential(received);
    }

    private Optional<Refusal> checkCredential(HttpHeaders received) {
        int credentials = RequestHeaders.countCredentials(received);
        if (credentials != 1) {
            return Optional.of(
                    Refusal.withStatus(401, credentials == 0 ? "no credential" : "more than one credential"));
        }
        if (apiKey.isPresent() && apiKey.get().equals(received.get("api-key"))) {
            return Optional.empty();
        }
        String authorization = received.get("authorization");
        if (authorization == null) {
            return Optional.of(Refusal.withStatus(401, "a wrong key"));
        }
        return bearer.isPresent() && authorization.equals("Bearer " + bearer.get())
                ? Optional.empty()
                : Optional.of(Refusal.withStatus(401, "a wrong token").withFixture("401-token"));
    }

    @Override
    public String toString() {
        return "Terms" + models + prefix;
    }
}

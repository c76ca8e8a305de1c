package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requirements of a simulated endpoint for requests: credential, model names, path prefix and headers. Independent of
 * its dialect. An endpoint with a credential accepts only that credential and no second one beside it, so that a
 * forwarded client key is detected.
 *
 * @param apiKey required value of the header {@code api-key}; with neither {@code apiKey} nor {@code bearer}, any
 *     credential is accepted
 * @param bearer required bearer token in {@code authorization}
 * @param models the known model names; if empty, all names are accepted
 * @param prefix path before every other path, as with an API gateway in front: {@code /apim/gw}, or empty
 * @param requiredHeaders headers that every request must have, by lower-case name
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

    /** Returns a policy without requirements. */
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

    /** @param name the header's name in lower case */
    public AccessPolicy withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(requiredHeaders);
        more.put(name, value);
        return new AccessPolicy(apiKey, bearer, models, prefix, more);
    }

    public boolean serves(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** Returns the rest of the path after {@link #prefix}; empty if the path does not begin with the prefix. */
    Optional<String> pathBelowPrefix(String path) {
        return path.startsWith(prefix + "/") ? Optional.of(path.substring(prefix.length())) : Optional.empty();
    }

    /**
     * Returns the rest of the path after {@link #prefix} and {@code root}; empty if the path does not begin with both.
     * The root ends in a slash.
     */
    Optional<String> operationBelow(String root, String path) {
        return pathBelowPrefix(path)
                .filter(below -> below.startsWith(root))
                .map(below -> below.substring(root.length()));
    }

    /**
     * Returns a refusal if these headers violate the policy; otherwise empty. Its reason never contains the value of a
     * credential.
     */
    Optional<EndpointRefusal> check(HttpHeaders received) {
        for (Map.Entry<String, String> required : requiredHeaders.entrySet()) {
            if (!required.getValue().equals(received.get(required.getKey()))) {
                return Optional.of(
                        EndpointRefusal.withStatus(400, "the header " + required.getKey() + " is missing or wrong"));
            }
        }
        return apiKey.isEmpty() && bearer.isEmpty() ? Optional.empty() : checkCredential(received);
    }

    private Optional<EndpointRefusal> checkCredential(HttpHeaders received) {
        int credentials = RequestHeaderKinds.countCredentials(received);
        if (credentials != 1) {
            return Optional.of(
                    EndpointRefusal.withStatus(401, credentials == 0 ? "no credential" : "more than one credential"));
        }
        if (apiKey.isPresent() && apiKey.get().equals(received.get("api-key"))) {
            return Optional.empty();
        }
        String authorization = received.get("authorization");
        if (authorization == null) {
            return Optional.of(EndpointRefusal.withStatus(401, "wrong key"));
        }
        return bearer.isPresent() && authorization.equals("Bearer " + bearer.get())
                ? Optional.empty()
                : Optional.of(EndpointRefusal.withStatus(401, "wrong token").withFixture("401-token"));
    }

    @Override
    public String toString() {
        return "AccessPolicy" + models + prefix;
    }
}

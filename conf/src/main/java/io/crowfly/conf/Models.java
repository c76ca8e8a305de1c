package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models that a backend serves: the client's name of each, mapped to the backend's name. A client's name may be a
 * prefix pattern, {@code gpt-4o*}. An exact name has priority over a prefix pattern, and a longer prefix over a shorter
 * one.
 *
 * <p>{@code *} is allowed only at the end. Therefore the longest prefix that matches a name, over all backends,
 * determines which shorter prefixes match as well. The planner in routing depends on this.
 */
public record Models(Map<String, String> names) {

    /** All models, under the client's name. */
    public static final Models ALL = new Models(Map.of());

    private static final String ANY = "*";

    /** @param names in any order; empty for every model */
    public Models(Map<String, String> names) {
        this.names = Map.copyOf(new LinkedHashMap<>(names));
    }

    public static boolean isPrefixPattern(String name) {
        return name.endsWith(ANY);
    }

    /** Returns a {@linkplain #isPrefixPattern prefix pattern} without its {@code *}. */
    public static String prefix(String name) {
        return name.substring(0, name.length() - ANY.length());
    }

    /** Whether every model is served, under the client's name. */
    public boolean servesEveryModel() {
        return names.isEmpty();
    }

    public boolean serves(String model) {
        return servesEveryModel()
                || names.containsKey(model)
                || longestPrefixPatternOf(model).isPresent();
    }

    /** Returns the backend's name of a client's model; empty if the backend does not serve the model. */
    public Optional<String> backendName(String model) {
        if (servesEveryModel()) {
            return Optional.of(model);
        }
        String exact = names.get(model);
        return exact != null
                ? Optional.of(exact)
                : longestPrefixPatternOf(model).map(names::get);
    }

    /** Whether any model has a name at the backend that differs from the client's. */
    public boolean renamesAny() {
        return names.entrySet().stream().anyMatch(name -> !name.getKey().equals(name.getValue()));
    }

    /** Returns the client's names, exact names and prefix patterns. */
    public Set<String> clientNames() {
        return names.keySet();
    }

    private Optional<String> longestPrefixPatternOf(String model) {
        return longestPrefixPattern(names.keySet(), model);
    }

    /** Returns the longest prefix pattern of {@code listed} that matches the model. Exact names are ignored. */
    public static Optional<String> longestPrefixPattern(Iterable<String> listed, String model) {
        Optional<String> longest = Optional.empty();
        for (String name : listed) {
            if (isPrefixPattern(name)
                    && model.startsWith(prefix(name))
                    && name.length() > longest.map(String::length).orElse(0)) {
                longest = Optional.of(name);
            }
        }
        return longest;
    }
}

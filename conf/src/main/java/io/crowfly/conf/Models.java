package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Models that a backend serves: the name that clients use for each model, mapped to the backend's name. A client's name
 * may be a prefix pattern, {@code gpt-4o*}. An exact name has priority over a prefix pattern, and a longer prefix over
 * a shorter one.
 *
 * <p>{@code *} is allowed only at the end. Therefore, if a name matches the longest prefix that any backend lists, the
 * same shorter prefixes match too. So routing keeps one candidate list for each longest prefix.
 */
public record Models(Map<String, String> names) {

    /** Every model, with the same name at the client and at the backend. */
    public static final Models ALL = new Models(Map.of());

    private static final String ANY = "*";

    /**
     * Copies the names.
     *
     * @param names the client's name to the backend's name, in any order; empty: every model is served
     */
    public Models(Map<String, String> names) {
        this.names = Map.copyOf(new LinkedHashMap<>(names));
    }

    public static boolean isPrefixPattern(String name) {
        return name.endsWith(ANY);
    }

    /** Returns the text before the {@code *} of a {@linkplain #isPrefixPattern prefix pattern}. */
    public static String prefix(String name) {
        return name.substring(0, name.length() - ANY.length());
    }

    /** Whether the backend serves every model, under the client's name. */
    public boolean servesEveryModel() {
        return names.isEmpty();
    }

    public boolean serves(String model) {
        return servesEveryModel()
                || names.containsKey(model)
                || longestPrefixPatternOf(model).isPresent();
    }

    /** Returns the backend's name for a model that a client names; empty if the backend does not serve the model. */
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

    /** Returns the names that clients use: exact names and prefix patterns. */
    public Set<String> clientNames() {
        return names.keySet();
    }

    private Optional<String> longestPrefixPatternOf(String model) {
        return longestPrefixPattern(names.keySet(), model);
    }

    /**
     * Returns the longest prefix pattern in {@code listed} that matches the model. Exact names in {@code listed} are
     * ignored.
     */
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

package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models that a backend serves: the client's name of each to the backend's own. A client's name may be a beginning,
 * {@code gpt-4o*}; a whole name comes before any beginning, a longer beginning before a shorter. As {@code *} stands at the end
 * only, the longest beginning that a name has, of all backends, tells every other one that it has: see the routing's planner.
 */
public record Models(Map<String, String> names) {

    /** Every model, under its own name. */
    public static final Models ALL = new Models(Map.of());

    private static final String ANY = "*";

    /** @param names in any order; empty for every model */
    public Models(Map<String, String> names) {
        this.names = Map.copyOf(new LinkedHashMap<>(names));
    }

    public static boolean isBeginning(String name) {
        return name.endsWith(ANY);
    }

    /** A {@linkplain #isBeginning beginning} without its {@code *}. */
    public static String beginning(String name) {
        return name.substring(0, name.length() - ANY.length());
    }

    /** Whether every model is served, under its own name. */
    public boolean isAll() {
        return names.isEmpty();
    }

    public boolean serves(String model) {
        return isAll() || names.containsKey(model) || beginningOf(model).isPresent();
    }

    /** The backend's own name of a client's model; empty if it does not serve it. */
    public Optional<String> nameOf(String model) {
        if (isAll()) {
            return Optional.of(model);
        }
        String exact = names.get(model);
        return exact != null ? Optional.of(exact) : beginningOf(model).map(names::get);
    }

    /** Whether any model has another name here than clients give it. */
    public boolean rename() {
        return names.entrySet().stream().anyMatch(name -> !name.getKey().equals(name.getValue()));
    }

    /** Clients' names and beginnings of names. */
    public Set<String> listed() {
        return names.keySet();
    }

    private Optional<String> beginningOf(String model) {
        return longest(names.keySet(), model);
    }

    /** Of beginnings, and other names that are passed over, the longest that a model's name has. */
    public static Optional<String> longest(Iterable<String> listed, String model) {
        Optional<String> longest = Optional.empty();
        for (String name : listed) {
            if (isBeginning(name)
                    && model.startsWith(beginning(name))
                    && name.length() > longest.map(String::length).orElse(0)) {
                longest = Optional.of(name);
            }
        }
        return longest;
    }
}

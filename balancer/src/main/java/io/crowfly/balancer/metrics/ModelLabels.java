package io.crowfly.balancer.metrics;

import io.crowfly.conf.Models;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Under which name a request's model is counted. Clients may ask for any name, and each would be series that stay: so only what
 * the conf lists, names and beginnings of names, is told apart. Immutable.
 */
final class ModelLabels {

    /** Of every model that the conf does not list, and of requests that name none. */
    static final String OTHER = "other";

    private final Set<String> listed;

    /** Each to itself: unlike a request's, the conf's own string has its hash at hand. */
    private final Map<String, String> names = new HashMap<>();

    /** The longest first. */
    private final String[] prefixes;

    /** @param listed by any backend: wherever a request goes, its model has the same name */
    ModelLabels(Set<String> listed) {
        this.listed = Set.copyOf(listed);
        this.listed.forEach(name -> names.put(name, name));
        prefixes = this.listed.stream()
                .filter(Models::isPrefixPattern)
                .sorted(Comparator.comparing(String::length).reversed())
                .toArray(String[]::new);
    }

    Set<String> listed() {
        return listed;
    }

    boolean contains(String label) {
        return label.equals(OTHER) || listed.contains(label);
    }

    /** As {@link Models} has it: a whole name comes before any beginning, a longer beginning before a shorter. */
    String labelOf(String model) {
        String name = names.get(model);
        if (name != null) {
            return name;
        }
        for (String prefix : prefixes) {
            if (model.regionMatches(0, prefix, 0, prefix.length() - 1)) {
                return prefix;
            }
        }
        return OTHER;
    }
}

package io.crowfly.balancer.metrics;

import io.crowfly.conf.Models;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Mapping from a requested model to its label in metrics. Only the names and prefixes that the conf lists have a label
 * of their own. Clients may send any name, and each new label would create series that stay. Immutable.
 */
final class ModelLabels {

    /** Label of every model that the conf does not list, and of requests without a model. */
    static final String OTHER = "other";

    private final Set<String> listed;

    /**
     * Maps each listed name to itself. The result is the conf's string, whose hash is cached; that of a request's
     * string is not.
     */
    private final Map<String, String> names = new HashMap<>();

    /** Listed prefixes, with their {@code *}, the longest first. */
    private final String[] prefixes;

    /** @param listed names and prefixes that any backend lists; a model has the same label at every backend */
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

    /**
     * Returns the label of a model, with the priorities of {@link Models}: an exact name first, then the longest
     * prefix.
     */
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

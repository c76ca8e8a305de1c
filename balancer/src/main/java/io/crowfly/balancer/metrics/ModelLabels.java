package io.crowfly.balancer.metrics;

import io.crowfly.conf.Models;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Labels under which models are counted. Only the names and prefixes that the conf lists have a label of their own,
 * because clients may send any name and each new label would create series that stay. Immutable.
 */
final class ModelLabels {

    /** Label of every model that the conf does not list, and of requests without a model. */
    static final String OTHER = "other";

    private final Set<String> listed;

    /**
     * Maps each name to itself, because the hash of the conf's string is cached and that of a request's string is not.
     */
    private final Map<String, String> names = new HashMap<>();

    /** Prefixes with their star, the longest first. */
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

    /** Returns the label of a model by the order of {@link Models}: a whole name first, then the longest prefix. */
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

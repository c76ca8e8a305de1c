package io.crowfly.conf;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Condition that a routing rule places on backends ({@code only}). A backend is allowed if it meets every given part.
 *
 * @param provider {@linkplain Provider#label() label} of the backend's provider; absent: any provider
 * @param region region of the backend; absent: any region
 * @param labels the backend must have each of these labels, with the given value
 * @param backends names of allowed backends; empty: any name
 */
public record BackendFilter(
        Optional<String> provider, Optional<String> region, Map<String, String> labels, Set<String> backends) {

    /** Filter that allows no backend: no backend's name is empty. */
    public static final BackendFilter NOTHING =
            new BackendFilter(Optional.empty(), Optional.empty(), Map.of(), Set.of(""));

    public BackendFilter {
        labels = Map.copyOf(labels);
        backends = Set.copyOf(backends);
    }

    public boolean allows(Backend backend) {
        return (provider.isEmpty() || provider.get().equals(backend.provider().label()))
                && (region.isEmpty() || region.get().equals(backend.region()))
                && backend.labels().entrySet().containsAll(labels.entrySet())
                && (backends.isEmpty() || backends.contains(backend.name()));
    }
}

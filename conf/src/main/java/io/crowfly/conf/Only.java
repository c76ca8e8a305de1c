package io.crowfly.conf;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which backends a rule leaves to the requests that it is about: those of which all that is given here holds.
 *
 * @param provider its {@linkplain Provider#label() label}
 * @param labels each of which the backend must have, with this value
 * @param backends names; empty: of any name
 */
public record Only(
        Optional<String> provider, Optional<String> region, Map<String, String> labels, Set<String> backends) {

    public Only {
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

package io.crowfly.probes;

import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Map;

/**
 * Every backend, best first: by health, then by latency, then by name. Immutable; what the loops share.
 *
 * @param version counts publications, from 1
 * @param atNanos when it was made, on the {@link Scheduler}
 * @param classes of requests that have been seen, and what holds for each of them everywhere
 */
public record Ranking(
        long version, long atNanos, List<BackendSnapshot> snapshots, Map<RequestClass, ClassForecast> classes) {

    public Ranking {
        snapshots = List.copyOf(snapshots);
        classes = Map.copyOf(classes);
    }
}

package io.crowfly.probes;

import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Map;

/**
 * Published state of all backends, from which routing chooses. Best backend first: by health, then by latency, then by
 * name. Immutable; all event loops share it.
 *
 * @param version number of the publication, from 1
 * @param atNanos time of the publication, in {@link Scheduler#nanoTime} time
 * @param classes figures of each class of requests seen, over all backends
 */
public record Ranking(
        long version, long atNanos, List<BackendSnapshot> snapshots, Map<RequestClass, ClassForecast> classes) {

    public Ranking {
        snapshots = List.copyOf(snapshots);
        classes = ClassMap.copyOf(classes);
    }
}

package io.crowfly.probes;

import java.util.List;
import java.util.Map;

/**
 * Every backend, best first: by health, then by latency, then by name. Immutable; what the loops share.
 *
 * @param version counts publications, from 1
 * @param atNanos when it was made, on the {@link Timeline}
 * @param classes of requests that have been seen, and what holds for each of them everywhere
 */
public record Ranking(long version, long atNanos, List<Standing> standings, Map<RequestClass, ClassOutlook> classes) {

    public Ranking {
        standings = List.copyOf(standings);
        classes = Map.copyOf(classes);
    }
}

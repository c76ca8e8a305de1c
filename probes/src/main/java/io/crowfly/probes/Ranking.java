package io.crowfly.probes;

import java.util.List;

/**
 * Every backend, best first: by health, then by latency, then by name. Immutable; what the loops share.
 *
 * @param version counts publications, from 1
 */
public record Ranking(long version, List<Standing> standings) {

    public Ranking {
        standings = List.copyOf(standings);
    }
}

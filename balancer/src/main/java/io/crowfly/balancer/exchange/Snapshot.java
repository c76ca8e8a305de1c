package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.conf.Conf;
import java.util.List;

/**
 * All that an exchange works by: one conf, and where requests go under it just now. Immutable and published behind one
 * volatile read; an exchange keeps the one that it began with.
 *
 * @param generation of the conf, counted from 1
 * @param upstreams in the order of the conf's backends
 */
public record Snapshot(long generation, Conf conf, List<Upstream> upstreams, RoutingTable table) {

    public Snapshot {
        upstreams = List.copyOf(upstreams);
    }

    public Upstream upstream(Candidate candidate) {
        return upstreams.get(candidate.index());
    }
}

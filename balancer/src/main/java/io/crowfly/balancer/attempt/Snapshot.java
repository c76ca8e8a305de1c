package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.provider.ModelsEndpoint;
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
 * @param models what the conf says of models, for clients
 * @param owners where things are kept that requests refer to
 */
public record Snapshot(
        long generation,
        Conf conf,
        List<Upstream> upstreams,
        RoutingTable table,
        Owners owners,
        ModelsEndpoint models) {

    public Snapshot {
        upstreams = List.copyOf(upstreams);
    }

    /** Whether there is one backend only, which keeps whatever is kept. */
    public boolean hasSingleBackend() {
        return upstreams.size() < 2;
    }

    public Upstream upstream(Candidate candidate) {
        return upstreams.get(candidate.index());
    }
}

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.provider.ModelsEndpoint;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.conf.Conf;
import java.util.List;

/**
 * The state that an exchange works with: one conf and the current routing under it. Immutable and published behind one
 * volatile read. An exchange keeps the snapshot that it started with.
 *
 * @param generation of the conf, counted from 1
 * @param upstreams in the order of the conf's backends
 * @param owners backends that keep the objects to which requests refer
 * @param models responses to clients that request the list of models
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

    /** Returns whether the conf has one backend only, which then keeps all state. */
    public boolean hasSingleBackend() {
        return upstreams.size() < 2;
    }

    public Upstream upstream(Candidate candidate) {
        return upstreams.get(candidate.index());
    }
}

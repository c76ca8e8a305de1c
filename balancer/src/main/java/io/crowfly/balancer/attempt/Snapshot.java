package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.provider.ModelsEndpoint;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.conf.Conf;
import java.util.List;

/**
 * The conf, its upstreams and the current routing table, which an exchange uses together. Immutable; published with one
 * volatile write and read by all event loops. An exchange keeps the snapshot with which it started.
 *
 * @param generation number of the conf, counted from 1
 * @param upstreams in the order of the conf's backends
 * @param table routing for the newest ranking
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

    /** Returns whether the conf has only one backend, which then keeps all state. */
    public boolean hasSingleBackend() {
        return upstreams.size() < 2;
    }

    public Upstream upstream(Candidate candidate) {
        return upstreams.get(candidate.index());
    }
}

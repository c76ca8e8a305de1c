package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** The backends that one exchange may try, best first, and how far down the list it has got. */
final class Choice {

    private final Snapshot snapshot;
    private final String target;
    private Candidates candidates;
    private int position = -1;
    private String why = "";

    /** Every backend that has anything at the target, until {@link #among} says otherwise. */
    Choice(Snapshot snapshot, String target) {
        this.snapshot = snapshot;
        this.target = target;
        candidates = Candidates.NONE;
    }

    /** Call before the first {@link #next} only. */
    void among(Candidates those) {
        candidates = those;
    }

    Candidates candidates() {
        return candidates;
    }

    /**
     * Moves to the next candidate that has anything at the target.
     *
     * @param reason why the choice falls on that one
     * @return whether there is one
     */
    boolean next(String reason) {
        List<Candidate> list = candidates.list();
        while (++position < candidates.open()) {
            if (snapshot.upstream(list.get(position)).dialect().serves(target)) {
                why = reason;
                return true;
            }
        }
        return false;
    }

    /** The present candidate's. */
    Upstream upstream() {
        return snapshot.upstream(candidates.list().get(position));
    }

    /** Why the choice fell on the present candidate, in a few words; empty before there was one. */
    String why() {
        return why;
    }

    /** Whether a backend of the conf, healthy or not, has anything at the target. */
    boolean isServedAnywhere() {
        return snapshot.upstreams().stream()
                .anyMatch(upstream -> upstream.dialect().serves(target));
    }

    void traceTo(HttpHeaders headers) {
        DecisionTrace.addTo(headers, candidates, position, why);
    }
}

package io.crowfly.balancer.routing;

import io.crowfly.probes.Standing;
import java.util.List;

/**
 * The backends that one kind of request may go to, best first, without those that are unhealthy. An attempt that fails goes
 * on to the next one of the same list, so that a request sees one consistent order however often the ranking changes.
 *
 * @param served whether any backend, healthy or not, serves this kind of request at all
 */
public record Candidates(List<Candidate> list, boolean served) {

    public Candidates {
        list = List.copyOf(list);
    }

    /**
     * @param index the backend's place in the conf
     * @param standing what was known of it when this order was made
     */
    public record Candidate(int index, Standing standing) {}
}

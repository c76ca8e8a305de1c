package io.crowfly.balancer.routing;

import io.crowfly.probes.Prediction;
import io.crowfly.probes.Standing;
import java.util.List;
import java.util.Optional;

/**
 * The backends that one kind of request may go to, best first, as of one publication. An attempt that fails goes on to
 * another of the same list, so that a request sees one consistent order however often the ranking changes.
 *
 * @param served whether any backend, available or not, serves this kind of request at all
 * @param rule the routing rule that confines such requests
 */
public record Candidates(List<Candidate> list, boolean served, Optional<String> rule) {

    public Candidates {
        list = List.copyOf(list);
    }

    /**
     * @param index the backend's place in the conf
     * @param standing what was known of it when this order was made
     * @param prediction of the time to the first token for this kind of request, with nothing else in flight than then
     * @param share of such requests that should go there first, from 0 to 1
     */
    public record Candidate(int index, Standing standing, Prediction prediction, double share) {}
}

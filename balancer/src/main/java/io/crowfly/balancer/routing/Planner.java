package io.crowfly.balancer.routing;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/*
 * All expensive work is done here, once for each published ranking, so that a request costs only a look-up and a draw.
 * The control thread does this work up to twenty times a second beside the event loops, so it must be small: only plans
 * whose inputs have changed are computed again (Plan), and what is equal is shared (PlanDirectory).
 */

/**
 * Factory of the routing table for each ranking, under one conf. Keeps one {@link Plan} per kind of request, with its
 * traffic shares, between tables. Confined to one thread at a time.
 */
public final class Planner {

    private final Rules rules;
    private final RankedBackends backends;
    private final MeanInFlight inFlight;
    private final PlanDirectory directory;
    private Optional<RoutingTable> last = Optional.empty();
    private Candidates[] lastCandidates = {};

    /**
     * @param serves tests whether a backend has an operation
     * @param inFlightCounts our present requests in flight, read for each ranking
     */
    public Planner(Conf conf, BiPredicate<Backend, Api> serves, InFlightCounts inFlightCounts) {
        rules = Rules.of(conf.routing().rules());
        backends = new RankedBackends(conf.backends());
        inFlight = new MeanInFlight(inFlightCounts, conf.backends().size());
        directory = new PlanDirectory(conf, serves, backends);
    }

    /**
     * Returns the routing table for a ranking: the same object as before if no candidates have changed. A backend that
     * is not in the ranking is left out.
     */
    public RoutingTable plan(Ranking ranking) {
        long now = ranking.atNanos();
        backends.update(ranking);
        inFlight.update(now);
        inFlight.settle(backends);
        boolean changed = directory.update(ranking.classes(), now);
        Plan[] plans = directory.plans();
        Candidates[] candidates = changed ? new Candidates[plans.length] : lastCandidates;
        for (int number = 0; number < plans.length; number++) {
            Candidates planned = plans[number].candidates(inFlight, now);
            if (planned != candidates[number]) {
                if (candidates == lastCandidates) {
                    candidates = lastCandidates.clone(); // event loops read the last ones
                }
                candidates[number] = planned;
            }
        }
        if (last.isEmpty() || changed || candidates != lastCandidates) {
            lastCandidates = candidates;
            last = Optional.of(table(candidates));
        }
        return last.get();
    }

    private RoutingTable table(Candidates[] candidates) {
        return new RoutingTable(
                rules,
                directory.byRule(),
                directory.listsModels(),
                backends.count() > 1,
                candidates,
                panics(candidates));
    }

    private List<Panic> panics(Candidates[] candidates) {
        List<Panic> panics = List.of();
        for (int number = 0; number < candidates.length; number++) {
            Candidates planned = candidates[number];
            if (planned.panic()) {
                panics = panics.isEmpty() ? new ArrayList<>() : panics;
                for (Optional<String> model : directory.models(number)) {
                    panics.add(new Panic(model, planned));
                }
            }
        }
        return panics;
    }
}

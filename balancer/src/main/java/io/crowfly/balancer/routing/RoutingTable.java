package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/*
 * All the work is done here, once for each published ranking (a few times a second), so that a request costs one look-up.
 * With B backends and M model names in the conf a table holds at most (M + 2) lists of B references: nothing.
 *
 * Backends that no probe has judged yet come after the healthy ones rather than not at all: when an instance has just
 * started, or a reload has replaced every backend, a request is better tried than refused.
 */

/** Where requests go under one conf and one ranking. Immutable; loops read it freely. */
public final class RoutingTable {

    private final Map<String, Candidates> byModel;
    private final Candidates forUnlistedModels;
    private final Candidates all;

    private RoutingTable(Map<String, Candidates> byModel, Candidates forUnlistedModels, Candidates all) {
        this.byModel = byModel;
        this.forUnlistedModels = forUnlistedModels;
        this.all = all;
    }

    /**
     * @param backends in the conf's order; a standing of another backend is passed over
     */
    public static RoutingTable of(List<Backend> backends, Ranking ranking) {
        Map<Backend, Integer> indexOf = new HashMap<>();
        for (int i = 0; i < backends.size(); i++) {
            indexOf.put(backends.get(i), i);
        }
        List<Candidate> ranked = new ArrayList<>();
        for (Standing standing : ranking.standings()) {
            Integer index = indexOf.get(standing.backend());
            if (index != null) {
                ranked.add(new Candidate(index, standing, Prediction.UNKNOWN, 0));
            }
        }
        Map<String, Candidates> byModel = new HashMap<>();
        for (Backend backend : backends) {
            for (String model : backend.models().keySet()) {
                byModel.computeIfAbsent(model, name -> pick(ranked, b -> b.serves(name)));
            }
        }
        return new RoutingTable(byModel, pick(ranked, Backend::servesEveryModel), pick(ranked, backend -> true));
    }

    private static Candidates pick(List<Candidate> ranked, Predicate<Backend> serves) {
        List<Candidate> able = ranked.stream()
                .filter(candidate -> serves.test(candidate.standing().backend()))
                .toList();
        List<Candidate> willing = able.stream()
                .filter(candidate -> candidate.standing().health() != Health.UNHEALTHY)
                .toList();
        return new Candidates(willing, !able.isEmpty(), Optional.empty());
    }

    /** Whether the model decides anything: false when every backend serves every model. */
    public boolean needsModel() {
        return !byModel.isEmpty();
    }

    /** The backends that a request may go to. @param random draws for rules that bind a share of the requests */
    public Candidates candidates(RequestFacts facts, RandomGenerator random) {
        String model = facts.requestClass().model();
        return model.isEmpty() ? all : byModel.getOrDefault(model, forUnlistedModels);
    }

    /** The backends that serve the model. */
    public Candidates forModel(String model) {
        return byModel.getOrDefault(model, forUnlistedModels);
    }

    /** Every backend: for requests that name no model. */
    public Candidates forAnyModel() {
        return all;
    }
}

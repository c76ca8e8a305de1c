package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.RoutingTable.RequestKind;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Models;
import io.crowfly.conf.Rule;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/*
 * All expensive work is done here, once for each published ranking, so that a request costs only a look-up and a draw.
 *
 * A kind of request is a rule, a class and a size of prompt. There is a plan for each kind that has been seen. For the
 * first requests of a class, there is one plan for each rule, operation and model of the conf. A plan takes about two
 * microseconds with 6 backends, twenty times a second (bench/results/decision.md).
 */

/**
 * Factory of the routing table for each ranking, under one conf. Keeps one {@link Plan} per kind of request, with its
 * traffic shares, between tables. Confined to one thread at a time.
 */
public final class Planner {

    /**
     * Explorations that the first requests get in advance, because an instance with few requests would otherwise learn
     * nothing in its first minute.
     */
    private static final int EXPLORATIONS_IN_ADVANCE = 1;

    private final Conf conf;
    private final BiPredicate<Backend, Api> serves;
    private final MeanInFlight inFlight;
    private final Rules rules;
    private final Set<String> listedModels = new LinkedHashSet<>();
    private final Map<RequestKind, Plan> plans = new HashMap<>();
    private final ExplorationBudget explorationBudget = new ExplorationBudget(EXPLORATIONS_IN_ADVANCE);

    /**
     * @param serves tests whether a backend has an operation
     * @param inFlightCounts our present requests in flight, read for each ranking
     */
    public Planner(Conf conf, BiPredicate<Backend, Api> serves, InFlightCounts inFlightCounts) {
        this.conf = conf;
        this.serves = serves;
        inFlight = new MeanInFlight(inFlightCounts, conf.backends().size());
        rules = Rules.of(conf.routing().rules());
        conf.backends().forEach(backend -> listedModels.addAll(backend.models().clientNames()));
    }

    /** Returns the routing table for a ranking. A backend that is not in the ranking is left out. */
    public RoutingTable plan(Ranking ranking) {
        inFlight.update(ranking.atNanos());
        List<Optional<BackendSnapshot>> snapshots = snapshotsByIndex(ranking);
        Map<RequestKind, Candidates> planned = new LinkedHashMap<>();
        List<RuleTable> tables = new ArrayList<>();
        for (int rule = Rules.NONE; rule < conf.routing().rules().size(); rule++) {
            tables.add(ruleTable(rule, ranking, snapshots, planned));
        }
        plans.keySet().retainAll(planned.keySet());
        List<Panic> panicking = planned.entrySet().stream()
                .filter(entry -> entry.getValue().panic())
                .map(entry -> new Panic(listedName(entry.getKey().requestClass().model()), entry.getValue()))
                .toList();
        return new RoutingTable(
                rules, tables, !listedModels.isEmpty(), conf.backends().size() > 1, panicking);
    }

    private RuleTable ruleTable(
            int rule,
            Ranking ranking,
            List<Optional<BackendSnapshot>> snapshots,
            Map<RequestKind, Candidates> planned) {
        Map<RequestClass, Candidates[]> seen = new HashMap<>();
        ranking.classes().forEach((requestClass, classForecast) -> {
            Candidates[] bySize = new Candidates[classForecast.sizeEffects().length];
            for (int node = 0; node < bySize.length; node++) {
                if ((classForecast.sizesSeen() & 1 << node) != 0) {
                    RequestKind kind = new RequestKind(rule, requestClass, node);
                    double sizeEffect = classForecast.sizeEffects()[node];
                    bySize[node] = plan(kind)
                            .candidates(
                                    snapshots, sizeEffect, classForecast.expectedTokens(), inFlight, ranking.atNanos());
                    planned.put(kind, bySize[node]);
                }
            }
            seen.put(requestClass, fillUnseenSizes(bySize));
        });
        Map<RequestClass, Candidates> unseen = new HashMap<>();
        for (Api api : Api.values()) {
            for (String model : listedModels) {
                addUnseen(unseen, rule, new RequestClass(api, model, false), snapshots, ranking, planned);
            }
            addUnseen(unseen, rule, new RequestClass(api, RuleTable.UNLISTED, false), snapshots, ranking, planned);
            addUnseen(unseen, rule, new RequestClass(api, Rules.NO_MODEL, false), snapshots, ranking, planned);
        }
        seen.values().removeIf(bySize -> bySize.length == 0);
        return new RuleTable(seen, unseen);
    }

    private void addUnseen(
            Map<RequestClass, Candidates> unseen,
            int rule,
            RequestClass requestClass,
            List<Optional<BackendSnapshot>> snapshots,
            Ranking ranking,
            Map<RequestKind, Candidates> planned) {
        RequestKind kind = new RequestKind(rule, requestClass, 0);
        Candidates candidates = planned.get(kind); // not computed twice, because each computation moves the shares
        if (candidates == null) {
            ClassForecast classForecast = ranking.classes().get(requestClass);
            double tokens = classForecast == null ? 0 : classForecast.expectedTokens();
            candidates = plan(kind).candidates(snapshots, 0, tokens, inFlight, ranking.atNanos());
            planned.put(kind, candidates);
        }
        unseen.put(requestClass, candidates);
    }

    /**
     * Fills each unseen size with the candidates of the nearest seen size. Returns an empty array if no size was seen.
     */
    private static Candidates[] fillUnseenSizes(Candidates[] bySize) {
        Candidates[] full = new Candidates[bySize.length];
        for (int node = 0; node < bySize.length; node++) {
            for (int distance = 0; distance < bySize.length && full[node] == null; distance++) {
                if (node - distance >= 0 && bySize[node - distance] != null) {
                    full[node] = bySize[node - distance];
                } else if (node + distance < bySize.length && bySize[node + distance] != null) {
                    full[node] = bySize[node + distance];
                }
            }
            if (full[node] == null) {
                return new Candidates[0];
            }
        }
        return full;
    }

    private Plan plan(RequestKind kind) {
        return plans.computeIfAbsent(kind, this::newPlan);
    }

    private Plan newPlan(RequestKind kind) {
        Optional<Rule> rule = kind.rule() == Rules.NONE
                ? Optional.empty()
                : Optional.of(conf.routing().rules().get(kind.rule()));
        List<Integer> eligible = new ArrayList<>();
        boolean served = false;
        String model = modelKey(kind.requestClass().model());
        for (int index = 0; index < conf.backends().size(); index++) {
            Backend backend = conf.backends().get(index);
            if (serves.test(backend, kind.requestClass().api()) && servesModel(backend, model)) {
                served = true;
                if (rule.isEmpty() || rule.get().filter().allows(backend)) {
                    eligible.add(index);
                }
            }
        }
        return new Plan(kind, conf, eligible, served, rule.map(Rule::name), explorationBudget);
    }

    /**
     * Returns the name under which a model's backends are found: the model's name if listed, else the longest listed
     * prefix pattern that matches, else {@code UNLISTED}.
     */
    private String modelKey(String model) {
        return listedModels.contains(model) || model.equals(Rules.NO_MODEL)
                ? model
                : Models.longestPrefixPattern(listedModels, model).orElse(RuleTable.UNLISTED);
    }

    private Optional<String> listedName(String model) {
        return Optional.of(modelKey(model)).filter(listedModels::contains);
    }

    private boolean servesModel(Backend backend, String key) {
        if (key.equals(RuleTable.UNLISTED)) {
            return backend.servesEveryModel() || conf.routing().unknownModels().contains(backend.name());
        }
        return key.equals(Rules.NO_MODEL) || backend.serves(key);
    }

    private List<Optional<BackendSnapshot>> snapshotsByIndex(Ranking ranking) {
        Map<Backend, BackendSnapshot> byBackend = new HashMap<>();
        ranking.snapshots().forEach(snapshot -> byBackend.put(snapshot.backend(), snapshot));
        return conf.backends().stream()
                .map(backend -> Optional.ofNullable(byBackend.get(backend)))
                .toList();
    }
}

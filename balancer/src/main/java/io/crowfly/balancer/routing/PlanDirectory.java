package io.crowfly.balancer.routing;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Models;
import io.crowfly.conf.Rule;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/*
 * A kind of request is a rule, a class and a size of prompt. There is a plan for each kind that has been seen. The
 * first requests of a class have the plan of all classes with the same backends of which nothing is known, unless the
 * model is parked or fails somewhere.
 */

/**
 * All plans under one conf, and the tables that find them. The tables are built again only when a class, a size of
 * prompt, or a model with failures comes or goes. Confined to one thread.
 */
final class PlanDirectory {

    /**
     * Explorations that the first requests get in advance, because an instance with few requests would otherwise learn
     * nothing in its first minute.
     */
    private static final int EXPLORATIONS_IN_ADVANCE = 1;

    /** Class of the plans that unseen classes share. */
    private static final RequestClass UNSEEN = new RequestClass(Api.OTHER, RuleTable.UNLISTED, false);

    private final Conf conf;
    private final BiPredicate<Backend, Api> serves;
    private final RankedBackends backends;
    private final Set<String> listedModels = new LinkedHashSet<>();
    private final ExplorationBudget explorationBudget = new ExplorationBudget(EXPLORATIONS_IN_ADVANCE);
    private final Map<EligibilityKey, EligibleBackends> eligibility = new HashMap<>();

    private final Map<RequestClass, ClassInputs> inputs = new HashMap<>();
    private Map<RequestClass, ClassForecast> classes = Map.of();
    private Set<String> notableModels = Set.of();
    private Map<PlanKey, Plan> plans = new HashMap<>();
    private Plan[] byNumber = {};
    private List<Set<Optional<String>>> modelsByNumber = List.of();
    private RuleTable[] byRule = {};
    private int created;

    /** @param eligible equal for all kinds that use the same backends */
    private record PlanKey(int rule, RequestClass requestClass, int sizeNode, EligibleBackends eligible) {}

    private record EligibilityKey(int rule, Api api, String model) {}

    /** Plans and tables under construction. */
    private static final class Draft {
        private final Map<PlanKey, Integer> numbers = new HashMap<>();
        private final List<Plan> plans = new ArrayList<>();
        private final List<Set<Optional<String>>> models = new ArrayList<>();
    }

    PlanDirectory(Conf conf, BiPredicate<Backend, Api> serves, RankedBackends backends) {
        this.conf = conf;
        this.serves = serves;
        this.backends = backends;
        conf.backends().forEach(backend -> listedModels.addAll(backend.models().clientNames()));
    }

    /** Returns whether any backend lists its models. */
    boolean listsModels() {
        return !listedModels.isEmpty();
    }

    /** Returns the plans by their numbers. Callers must not change the array. */
    Plan[] plans() {
        return byNumber;
    }

    /**
     * Returns the table for requests without a rule, then one table for each rule. Callers must not change the array.
     */
    RuleTable[] byRule() {
        return byRule;
    }

    /** Returns the names in the conf of the models of a plan; an absent name stands for all other models. */
    Set<Optional<String>> models(int number) {
        return modelsByNumber.get(number);
    }

    /**
     * Accepts the newest ranking.
     *
     * @return whether the plans have new numbers
     */
    boolean update(Map<RequestClass, ClassForecast> newest, long nowNanos) {
        boolean sameClasses = byRule.length > 0 && hasSameClasses(newest);
        classes = newest;
        if (backends.changedCount() > 0) {
            inputs.forEach((requestClass, input) -> input.update(newest.get(requestClass), nowNanos));
        } else {
            inputs.forEach((requestClass, input) -> input.setFigures(newest.get(requestClass)));
        }
        Set<String> notable = backends.changedCount() > 0 ? findNotableModels() : notableModels;
        if (sameClasses && notable.equals(notableModels)) {
            return false;
        }
        notableModels = notable;
        rebuild();
        return true;
    }

    private boolean hasSameClasses(Map<RequestClass, ClassForecast> newest) {
        if (newest == classes) {
            return true;
        }
        if (newest.size() != classes.size()) {
            return false;
        }
        for (Map.Entry<RequestClass, ClassForecast> entry : newest.entrySet()) {
            ClassForecast before = classes.get(entry.getKey());
            if (before == null || before.sizesSeen() != entry.getValue().sizesSeen()) {
                return false;
            }
        }
        return true;
    }

    /** Returns the listed models, and the absent one, that are parked or fail at any backend. */
    private Set<String> findNotableModels() {
        Set<String> notable = Set.of();
        for (int place = 0; place < backends.count(); place++) {
            BackendSnapshot snapshot = backends.at(place);
            if (snapshot != null
                    && !(snapshot.parked().isEmpty() && snapshot.models().isEmpty())) {
                notable = notable.isEmpty() ? new HashSet<>() : notable;
                notable.addAll(snapshot.parked().keySet());
                notable.addAll(snapshot.models().keySet());
            }
        }
        if (!notable.isEmpty()) {
            notable.removeIf(model -> !model.equals(Rules.NO_MODEL) && !listedModels.contains(model));
        }
        return notable;
    }

    private void rebuild() {
        Draft draft = new Draft();
        byRule = new RuleTable[conf.routing().rules().size() + 1];
        for (int rule = Rules.NONE; rule < byRule.length - 1; rule++) {
            byRule[rule + 1] = ruleTable(draft, rule);
        }
        Map<PlanKey, Plan> kept = new HashMap<>();
        Set<RequestClass> used = new HashSet<>();
        draft.numbers.forEach((key, number) -> {
            kept.put(key, draft.plans.get(number));
            used.add(key.requestClass);
        });
        plans = kept;
        inputs.keySet().retainAll(used);
        byNumber = draft.plans.toArray(Plan[]::new);
        modelsByNumber = draft.models;
    }

    private RuleTable ruleTable(Draft draft, int rule) {
        Map<RequestClass, int[]> seen = new HashMap<>();
        classes.forEach((requestClass, figures) -> {
            if (figures.sizesSeen() != 0) {
                seen.put(requestClass, seenSizes(draft, rule, requestClass, figures.sizesSeen()));
            }
        });
        Map<RequestClass, Integer> unseen = new HashMap<>();
        for (Api api : Api.values()) {
            for (String model : listedModels) {
                addUnseen(unseen, draft, rule, new RequestClass(api, model, false), seen);
            }
            addUnseen(unseen, draft, rule, new RequestClass(api, RuleTable.UNLISTED, false), seen);
            addUnseen(unseen, draft, rule, new RequestClass(api, Rules.NO_MODEL, false), seen);
        }
        return new RuleTable(seen, unseen);
    }

    /** Returns the plan for each size. A size that was not seen has the plan of the nearest one that was. */
    private int[] seenSizes(Draft draft, int rule, RequestClass requestClass, int sizesSeen) {
        int[] bySize = new int[ClassForecast.NODES];
        EligibleBackends eligible = eligible(rule, requestClass);
        for (int node = 0; node < bySize.length; node++) {
            int nearest = nearestSeen(node, sizesSeen);
            bySize[node] = nearest < node
                    ? bySize[nearest]
                    : number(draft, new PlanKey(rule, requestClass, nearest, eligible), requestClass.model());
        }
        return bySize;
    }

    private static int nearestSeen(int node, int sizesSeen) {
        for (int distance = 0; ; distance++) {
            if (node >= distance && (sizesSeen & 1 << node - distance) != 0) {
                return node - distance;
            } else if ((sizesSeen & 1 << node + distance) != 0) {
                return node + distance;
            }
        }
    }

    private void addUnseen(
            Map<RequestClass, Integer> unseen,
            Draft draft,
            int rule,
            RequestClass requestClass,
            Map<RequestClass, int[]> seen) {
        String model = requestClass.model();
        int[] streamed = seen.get(new RequestClass(requestClass.api(), model, true));
        int[] whole = seen.get(requestClass);
        if (streamed != null || whole != null) {
            unseen.put(requestClass, whole != null ? whole[0] : streamed[0]); // only a place holder: the class was seen
            return;
        }
        boolean own = classes.containsKey(requestClass) || notableModels.contains(model);
        PlanKey key = new PlanKey(rule, own ? requestClass : UNSEEN, 0, eligible(rule, requestClass));
        unseen.put(requestClass, number(draft, key, model));
    }

    private int number(Draft draft, PlanKey key, String model) {
        Integer known = draft.numbers.get(key);
        if (known == null) {
            known = draft.plans.size();
            draft.numbers.put(key, known);
            Plan plan = plans.get(key);
            draft.plans.add(plan == null ? newPlan(key) : plan);
            draft.models.add(new LinkedHashSet<>());
        }
        draft.models.get(known).add(Optional.of(modelKey(model)).filter(listedModels::contains));
        return known;
    }

    private Plan newPlan(PlanKey key) {
        Optional<String> rule = key.rule == Rules.NONE
                ? Optional.empty()
                : Optional.of(conf.routing().rules().get(key.rule).name());
        return new Plan(created++, inputs(key.requestClass), key.sizeNode, conf, key.eligible, rule, explorationBudget);
    }

    private ClassInputs inputs(RequestClass requestClass) {
        ClassInputs found = inputs.get(requestClass);
        if (found == null) {
            found = new ClassInputs(requestClass, backends);
            found.setFigures(classes.get(requestClass));
            inputs.put(requestClass, found);
        }
        return found;
    }

    private EligibleBackends eligible(int rule, RequestClass requestClass) {
        EligibilityKey key = new EligibilityKey(rule, requestClass.api(), modelKey(requestClass.model()));
        return eligibility.computeIfAbsent(key, this::findEligible);
    }

    private EligibleBackends findEligible(EligibilityKey key) {
        Optional<Rule> rule = key.rule == Rules.NONE
                ? Optional.empty()
                : Optional.of(conf.routing().rules().get(key.rule));
        List<Integer> places = new ArrayList<>();
        boolean served = false;
        for (int place = 0; place < conf.backends().size(); place++) {
            Backend backend = conf.backends().get(place);
            if (serves.test(backend, key.api) && servesModel(backend, key.model)) {
                served = true;
                if (rule.isEmpty() || rule.get().filter().allows(backend)) {
                    places.add(place);
                }
            }
        }
        return new EligibleBackends(List.copyOf(places), served);
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

    private boolean servesModel(Backend backend, String key) {
        if (key.equals(RuleTable.UNLISTED)) {
            return backend.servesEveryModel() || conf.routing().unknownModels().contains(backend.name());
        }
        return key.equals(Rules.NO_MODEL) || backend.serves(key);
    }
}

package io.crowfly.balancer.routing;

import io.crowfly.probes.forecast.RequestClass;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Table from which the candidates of every request are looked up, for one conf and one ranking. Immutable; shared by
 * all event loops.
 */
public final class RoutingTable {

    private final Rules rules;
    private final RuleTable[] byRule;
    private final boolean listsModels;
    private final boolean severalBackends;
    private final Candidates[] byPlan;
    private final List<Panic> panics;

    /**
     * @param byRule the table for requests without a rule, then one table for each rule
     * @param listsModels whether any backend lists its models
     * @param byPlan candidates of each plan, by the plan's number; not changed any more
     * @param panics all kinds in panic in these tables
     */
    RoutingTable(
            Rules rules,
            RuleTable[] byRule,
            boolean listsModels,
            boolean severalBackends,
            Candidates[] byPlan,
            List<Panic> panics) {
        this.rules = rules;
        this.byRule = byRule;
        this.listsModels = listsModels;
        this.severalBackends = severalBackends;
        this.byPlan = byPlan;
        this.panics = List.copyOf(panics);
    }

    /** Returns whether the model decides which backends a request may use. */
    public boolean needsModel() {
        return listsModels || rules.needsModel();
    }

    /** Returns whether any rule depends on the model. */
    public boolean confinesModels() {
        return rules.needsModel();
    }

    /** Returns whether any rule depends on the path. */
    public boolean usesPath() {
        return rules.usesPath();
    }

    /** Returns whether any rule matches the path in one case of its letters and not in another. */
    public boolean pathDependsOnCase(String path) {
        return rules.pathDependsOnCase(path);
    }

    /** Returns whether a server that compares names less exactly than rules may serve a model that a rule is about. */
    public boolean modelDependsOnSpelling(String model) {
        return rules.modelDependsOnSpelling(model);
    }

    /** Returns the names of the headers that rules look at, in lower case. */
    public List<String> ruledHeaders() {
        return rules.headerNames();
    }

    /**
     * Returns whether the model is useful for routing: it decides the candidates, or there are several backends with
     * forecasts by model.
     */
    public boolean benefitsFromModel() {
        return severalBackends || needsModel();
    }

    /**
     * Returns the candidates of a request. The result is {@link Candidates#UNDECIDED} if they depend on a model that
     * could not be read. Call this once per request, because each call makes a new random draw for rules with a share.
     *
     * @param random for rules with a share
     */
    public Candidates candidates(RequestFacts facts, RandomGenerator random) {
        RequestClass requestClass = facts.requestClass();
        String model = facts.modelUnread() ? Rules.UNREAD_MODEL : requestClass.model();
        int rule = rules.firstMatch(facts.target(), model, facts.headers(), random);
        if (rule == Rules.UNDECIDED) {
            return Candidates.UNDECIDED;
        }
        return byPlan[byRule[rule + 1].plan(requestClass, facts.bodyBytes())];
    }

    /** Returns the candidates of a class's small requests to which no rule applies, for display to operators. */
    public Candidates candidatesWithoutRule(RequestClass requestClass) {
        return byPlan[byRule[0].plan(requestClass, 0)];
    }

    /**
     * Returns the backends that are likely to get the next requests: of each kind of request, the first open
     * candidates.
     *
     * @param count number of candidates of each kind
     * @return the backends' places in the conf
     */
    public BitSet firstChoices(int count) {
        BitSet backends = new BitSet();
        for (Candidates candidates : byPlan) {
            int places = Math.min(count, candidates.openCount());
            for (int place = 0; place < places; place++) {
                backends.set(candidates.list().get(place).index());
            }
        }
        return backends;
    }

    /** Returns the kinds of request that are in panic. */
    public List<Panic> panics() {
        return panics;
    }
}

package io.crowfly.balancer.routing;

import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.random.RandomGenerator;

/** Where requests go under one conf and one ranking. Immutable; loops read it freely. */
public final class RoutingTable {

    private final Rules rules;
    private final RuleTable[] byRule;
    private final boolean listsModels;
    private final boolean severalBackends;
    private final List<Panic> panics;

    /** What is planned for apart: requests of one kind all see the same candidates. */
    record RequestKind(int rule, RequestClass requestClass, int sizeNode) {}

    /**
     * @param byRule the table for no rule, and then one for each
     * @param panics of all that is in them
     */
    RoutingTable(
            Rules rules, List<RuleTable> byRule, boolean listsModels, boolean severalBackends, List<Panic> panics) {
        this.rules = rules;
        this.byRule = byRule.toArray(RuleTable[]::new);
        this.listsModels = listsModels;
        this.severalBackends = severalBackends;
        this.panics = List.copyOf(panics);
    }

    /** Whether the model decides where a request may go. */
    public boolean needsModel() {
        return listsModels || rules.needsModel();
    }

    /** Whether rules keep models apart. */
    public boolean confinesModels() {
        return rules.needsModel();
    }

    /** Whether the path decides where a request may go. */
    public boolean usesPath() {
        return rules.usesPath();
    }

    /** Whether the model may decide where a request is best off: there is a choice. */
    public boolean benefitsFromModel() {
        return severalBackends || needsModel();
    }

    /**
     * The backends that a request may go to; {@link Candidates#UNDECIDED} where that depends on a model that is not known. Ask once per request: a rule with a share would be drawn again.
     *
     * @param random for rules that bind a share of the requests
     */
    public Candidates candidates(RequestFacts facts, RandomGenerator random) {
        RequestClass requestClass = facts.requestClass();
        String model = facts.modelUnread() ? Rules.UNREAD_MODEL : requestClass.model();
        int rule = rules.firstMatch(facts.target(), model, facts.headers(), random);
        if (rule == Rules.UNDECIDED) {
            return Candidates.UNDECIDED;
        }
        return byRule[rule + 1].candidates(requestClass, facts.bodyBytes());
    }

    /** Those of a class's small requests that no rule confines, for telling operators. */
    public Candidates candidatesWithoutRule(RequestClass requestClass) {
        return byRule[0].candidates(requestClass, 0);
    }

    /** The kinds of request that are in panic. */
    public List<Panic> panics() {
        return panics;
    }
}

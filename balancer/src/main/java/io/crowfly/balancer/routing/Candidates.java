package io.crowfly.balancer.routing;

import io.crowfly.conf.Policy;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The backends that one kind of request may use, best first, computed from one ranking. All attempts of a request use
 * one list, so that the order stays consistent for the request even if the ranking changes.
 *
 * @param list first the open candidates, which may get requests: the preferred tier, then by tier, then by {@link
 *     Candidate#cost()}. The closed candidates follow; they are kept to explain decisions
 * @param openCount number of open candidates
 * @param served whether any backend of the conf serves this kind of request
 * @param panic whether the open candidates are open only because all backends were closed
 * @param rule name of the routing rule that restricts such requests
 * @param toleranceNanos two costs that differ by at most this time count as equal
 * @param exploration the exploration that is due
 * @param tiers the tiers of the list
 * @param sampler draws places by the shares in the list
 */
public record Candidates(
        Policy policy,
        List<Candidate> list,
        int openCount,
        boolean served,
        boolean panic,
        Optional<String> rule,
        long toleranceNanos,
        Exploration exploration,
        Tiers tiers,
        ShareSampler sampler) {

    public Candidates {
        list = List.copyOf(list);
    }

    /** Creates the sampler from the shares in the list. */
    public Candidates(
            Policy policy,
            List<Candidate> list,
            int openCount,
            boolean served,
            boolean panic,
            Optional<String> rule,
            long toleranceNanos,
            Exploration exploration,
            Tiers tiers) {
        this(policy, list, openCount, served, panic, rule, toleranceNanos, exploration, tiers, new ShareSampler(list));
    }

    /** Returns whether the candidate at this place may get requests. */
    public boolean isOpen(int place) {
        return place < openCount;
    }

    /** Candidates of a request before routing: there is no backend. */
    public static final Candidates NONE = none();

    /** No candidates, because the matching rule depends on a model that could not be read. */
    public static final Candidates UNDECIDED = none();

    private static Candidates none() {
        return new Candidates(
                Policy.LOWEST_LATENCY, List.of(), 0, false, false, Optional.empty(), 0, Exploration.NONE, Tiers.ONE);
    }

    /**
     * One backend that may serve the kind of request.
     *
     * @param index the backend's place in the conf
     * @param snapshot the backend's state in the ranking, {@linkplain BackendSnapshot#withoutClasses() without
     *     classes}, to save memory, because recent decisions are kept for operators
     * @param model health of the request's model at the backend
     * @param forecast expected latency of this kind of request at the backend
     * @param cost the figure by which candidates are compared
     * @param share share of such requests whose first attempt should be at this backend, from 0 to 1
     * @param returning whether the backend is in slow start because it could not get requests before. Then it gets no
     *     more than its share
     * @param note why the candidate is closed, for operators; empty if there is no such reason
     */
    public record Candidate(
            int index,
            BackendSnapshot snapshot,
            ModelHealth model,
            Forecast forecast,
            Cost cost,
            double share,
            boolean returning,
            String note) {

        /** Returns the prediction with this number of our requests in flight, the new request included. */
        public Prediction predictionAt(long inFlight) {
            return forecast.predictionAt(inFlight);
        }
    }

    /**
     * Exploration that is due: one request is sent to a backend that gets none, to update its forecast. All event loops
     * share one permit, because one response is enough.
     *
     * @param share largest share of requests spent on exploration, from 0 to 1
     * @param place place in the list; -1 for none
     * @param price what the exploration costs, in ordinary explorations
     * @param budget budget that pays the price
     * @param taken whether an event loop has taken the permit
     */
    public record Exploration(double share, int place, double price, ExplorationBudget budget, AtomicBoolean taken) {

        static final Exploration NONE = none(0);

        static Exploration none(double share) {
            return new Exploration(share, -1, 1, new ExplorationBudget(0), new AtomicBoolean(true));
        }

        boolean isDue() {
            return place >= 0 && !taken.get();
        }

        /**
         * Takes the permit and pays its price.
         *
         * @param credit sum of the shares of the caller's requests since its last call
         * @return false if the budget is too small, or another event loop has taken the permit
         */
        boolean tryTake(double credit) {
            if (!budget.tryTake(credit, price)) {
                return false;
            }
            boolean won = taken.compareAndSet(false, true);
            if (!won) {
                budget.refund(price);
            }
            return won;
        }
    }
}

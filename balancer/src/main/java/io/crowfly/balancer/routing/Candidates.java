package io.crowfly.balancer.routing;

import io.crowfly.conf.Policy;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The backends that one kind of request may go to, best first, as of one publication. An attempt that fails goes on to
 * another of the same list, so that a request sees one consistent order however often the ranking changes.
 *
 * @param list those that are open come first, by tier as far as tiers decide and then by {@link Candidate#cost()};
 *     behind them those that are closed just now, for explaining
 * @param openCount how many are
 * @param served whether any backend of the conf serves this kind of request at all
 * @param panic whether the open ones are so only because all are closed
 * @param rule the routing rule that confines such requests
 * @param toleranceNanos how far apart two costs are that count as equal
 * @param exploration what should be explored
 * @param sampler by the shares of the list
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
        ShareSampler sampler) {

    public Candidates {
        list = List.copyOf(list);
    }

    /** With what is drawn by made of the list. */
    public Candidates(
            Policy policy,
            List<Candidate> list,
            int open,
            boolean served,
            boolean panic,
            Optional<String> rule,
            long bandNanos,
            Exploration exploration) {
        this(policy, list, open, served, panic, rule, bandNanos, exploration, new ShareSampler(list));
    }

    /** Whether the candidate there may be sent to. */
    public boolean isOpen(int place) {
        return place < openCount;
    }

    /** No backend at all. */
    public static final Candidates NONE = none();

    /** None, since it can't be told which rule holds. */
    public static final Candidates UNDECIDED = none();

    private static Candidates none() {
        return new Candidates(Policy.LOWEST_LATENCY, List.of(), 0, false, false, Optional.empty(), 0, Exploration.NONE);
    }

    /**
     * @param index the backend's place in the conf
     * @param snapshot what was known of it when this order was made, {@linkplain BackendSnapshot#withoutClasses() without classes}:
     *     decisions are kept for operators
     * @param forecast what is to be expected of it for this kind of request
     * @param cost by which candidates are compared
     * @param share of such requests that should go there first, from 0 to 1
     * @param note what else there is to know, for operators: why it is closed, or is being filled; empty if nothing
     */
    public record Candidate(
            int index, BackendSnapshot snapshot, Forecast forecast, Cost cost, double share, String note) {

        public Prediction prediction() {
            return forecast.prediction();
        }
    }

    /**
     * One request may go to a backend that gets none, to keep it known. Whoever takes the ticket sends it; there is one for
     * all loops, as one answer is as good as many.
     *
     * @param share of requests that may be spent so at the most, from 0 to 1
     * @param place in the list; -1 for none
     */
    public record Exploration(double share, int place, AtomicBoolean taken) {

        static final Exploration NONE = new Exploration(0, -1, new AtomicBoolean(true));

        static Exploration none(double share) {
            return new Exploration(share, -1, NONE.taken);
        }

        boolean tryTake() {
            return place >= 0 && !taken.get() && taken.compareAndSet(false, true);
        }
    }
}

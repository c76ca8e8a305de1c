package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Exploration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Selector of the backend to explore among those that get no requests of a kind. Confined to one thread.
 *
 * <p>There are two reasons to explore a backend. Its forecast is so uncertain that its optimistic cost is below the
 * best cost, as in Auer's UCB. Or its last sample is so old that the backend counts as unknown, and an unknown backend
 * could be better than the best. The second reason holds whatever was learned before, so no backend starves. A backend
 * that would be worse even then, because its probes show that it is far, is not explored.
 */
final class Explorer {

    /** A backend is explored only if its optimistic cost is below this share of the best cost. */
    private static final double WORTHWHILE_SHARE = 0.98;

    /**
     * Minimum time between two explorations of one backend, so that the response of the first is received before the
     * second. Also the minimum time since the last sample: a backend without a share may still get requests, because it
     * is cheaper at the present load. Explorations of such a backend would keep others waiting.
     */
    private static final double MIN_PAUSE_SECONDS = 0.5;

    /**
     * Maximum time after which a backend without samples counts as unknown. Slow start takes one more second, and
     * traffic must be back within ten.
     */
    private static final double MAX_KNOWN_SECONDS = 4;

    /**
     * Share of the whole latency that explorations may cost. An exploration that costs more than an ordinary one has a
     * higher price.
     */
    private static final double MAX_COST_SHARE = 0.08;

    /** Assumed mean time after which a slow backend is fast again. */
    private static final double RETURN_SECONDS = 30;

    /** Assumed mean time after which a backend that was never faster becomes much faster. */
    private static final double CHANGE_SECONDS = 240;

    /**
     * Weight of the gain if a forecast is one standard deviation too high: about the expected gain of a normal
     * distribution, as a share of that.
     */
    private static final double DEVIATION_WEIGHT = 0.3;

    /** Above this multiple of its ordinary cost a backend counts as slow. */
    private static final double SLOW_FACTOR = 1.1;

    /**
     * Number of explorations at the ordinary price after a backend has lost its requests: its slow time may be short.
     */
    private static final int ORDINARY_PRICES = 2;

    /** Gain per second, as a share of the cost to beat, by which the longer time decides between equal gains. */
    private static final double LEAST_GAIN_PER_SECOND = 1e-9;

    /** Time since a sample or an exploration that never was. */
    private static final double NEVER_SECONDS = 1e9;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double share;
    private final long toleranceNanos;
    private final ExplorationBudget budget;

    /** Explorations of each backend since it last had requests, by its place in the conf. */
    private int[] counts = {};

    /** When each backend was explored last; {@link Long#MIN_VALUE} if never. */
    private long[] exploredAtNanos = {};

    private final Exploration none;
    private Exploration permit = Exploration.NONE;
    private int permitIndex = -1;
    private long dueAtNanos = Long.MAX_VALUE;

    /**
     * @param share largest share of requests spent on exploration
     * @param toleranceNanos cost difference by which a backend of another tier must be cheaper to get requests
     */
    Explorer(double share, long toleranceNanos, ExplorationBudget budget) {
        this.share = share;
        this.toleranceNanos = toleranceNanos;
        this.budget = budget;
        none = Exploration.none(share);
    }

    /**
     * Returns the exploration that is due. Of several backends, the one with the greatest {@linkplain #expectedGain
     * expected gain} is explored, then the cheapest.
     *
     * @param entries in the order of the candidates
     */
    Exploration choose(List<PlanEntry> entries, long nowNanos) {
        double best = Double.POSITIVE_INFINITY;
        int tier = Integer.MAX_VALUE;
        for (PlanEntry entry : entries) {
            if (entry.preferred) {
                best = Math.min(best, entry.cost);
                tier = entry.tier;
            }
        }
        int chosen = -1;
        dueAtNanos = Long.MAX_VALUE;
        double greatest = 0;
        for (int place = 0; place < entries.size(); place++) {
            PlanEntry entry = entries.get(place);
            double gain = expectedGain(entry, best, tier, nowNanos);
            boolean cheaper = chosen >= 0 && entry.cost < entries.get(chosen).cost;
            if (gain > greatest || gain == greatest && cheaper) {
                chosen = place;
                greatest = gain;
            }
        }
        if (chosen < 0) {
            permitIndex = -1;
            return none;
        }
        PlanEntry entry = entries.get(chosen);
        double price = price(entry, best);
        // The permit stays valid, although the backend's place in the list may have changed. If an event loop has taken
        // the permit since the check in expectedGain(), the next call counts that.
        if (entry.index != permitIndex) {
            permit = new Exploration(share, chosen, price, budget, new AtomicBoolean());
        } else if (chosen != permit.place() || price != permit.price()) {
            permit = new Exploration(share, chosen, price, budget, permit.taken());
        }
        permitIndex = entry.index;
        return permit;
    }

    /**
     * Returns the expected gain of an exploration of the backend, in nanoseconds per request; 0 if no exploration is
     * due. A backend that is slow now will probably be fast again soon. A backend that was never faster than the best
     * gets the rest of the budget.
     */
    private double expectedGain(PlanEntry entry, double best, int tier, long nowNanos) {
        makePlaceFor(entry.index);
        if (entry.index == permitIndex && permit.taken().get()) {
            exploredAtNanos[entry.index] = nowNanos;
            counts[entry.index]++;
            permitIndex = -1;
        }
        if (!entry.open || entry.share > 0) {
            counts[entry.index] = 0;
            return 0;
        }
        double costToBeat = costToBeat(entry, best, tier);
        double extra = extraCost(entry, best);
        double sinceExplored = secondsSince(exploredAtNanos[entry.index], nowNanos);
        double unknown = Math.min(sinceExplored, secondsSince(entry.forecast.observedAtNanos(), nowNanos));
        double gain = 0;
        if (entry.optimisticCost < costToBeat) {
            if (unknown >= MIN_PAUSE_SECONDS) {
                gain += optimisticGain(entry, costToBeat, unknown);
            } else {
                noteDue(MIN_PAUSE_SECONDS - unknown, nowNanos);
            }
        }
        if (entry.unknownCost < costToBeat) {
            double known = Math.min(MAX_KNOWN_SECONDS, MIN_PAUSE_SECONDS * (1 + extra));
            if (unknown >= known) {
                double unknownGain = costToBeat - entry.unknownCost;
                gain += hasChanged(unknown, CHANGE_SECONDS) * (1 + StrictMath.log(1 + extra)) * unknownGain;
            } else {
                noteDue(known - unknown, nowNanos);
            }
        }
        return gain;
    }

    /** Returns the gain that the backend's own forecast lets expect. */
    private static double optimisticGain(PlanEntry entry, double costToBeat, double unknownSeconds) {
        boolean isSlow = entry.singleCost > SLOW_FACTOR * entry.ordinaryCost;
        double ordinaryGain = isSlow ? Math.max(0, costToBeat - entry.ordinaryCost) : 0;
        double deviationGain = Math.max(0, costToBeat - entry.singleCost * (1 - entry.uncertainty));
        return hasChanged(unknownSeconds, RETURN_SECONDS) * ordinaryGain
                + DEVIATION_WEIGHT * deviationGain
                + Math.min(NEVER_SECONDS, unknownSeconds) * LEAST_GAIN_PER_SECOND * costToBeat;
    }

    /** Returns the probability of a change within a time, given the mean time until it. */
    private static double hasChanged(double seconds, double meanSeconds) {
        return 1 - StrictMath.exp(-seconds / meanSeconds);
    }

    private void noteDue(double seconds, long nowNanos) {
        dueAtNanos = Math.min(dueAtNanos, nowNanos + (long) (seconds * NANOS_PER_SECOND));
    }

    /**
     * Returns the earliest time at which {@link #choose} may return another exploration; {@link Long#MAX_VALUE} if that
     * depends on a change of a forecast.
     */
    long dueAtNanos() {
        return permitIndex >= 0 && permit.taken().get() ? Long.MIN_VALUE : dueAtNanos;
    }

    private void makePlaceFor(int index) {
        if (index >= counts.length) {
            int known = counts.length;
            counts = Arrays.copyOf(counts, index + 1);
            exploredAtNanos = Arrays.copyOf(exploredAtNanos, index + 1);
            Arrays.fill(exploredAtNanos, known, index + 1, Long.MIN_VALUE);
        }
    }

    private double costToBeat(PlanEntry entry, double best, int tier) {
        if (entry.preferred || entry.tier == tier) {
            return best * WORTHWHILE_SHARE;
        }
        return entry.tier > tier ? best - toleranceNanos : best + TierSelector.RETURN_SHARE * toleranceNanos;
    }

    /** Returns what the exploration costs, in ordinary explorations. */
    private double price(PlanEntry entry, double best) {
        return counts[entry.index] < ORDINARY_PRICES ? 1 : Math.max(1, extraCost(entry, best) * share / MAX_COST_SHARE);
    }

    /**
     * Returns the cost of one request at the backend above the best cost, as a share of the best cost. Requests that
     * still wait there for a response do not raise the cost of an exploration.
     */
    private static double extraCost(PlanEntry entry, double best) {
        return Math.max(0, entry.singleCost - best) / best;
    }

    private static double secondsSince(long nanos, long nowNanos) {
        return nanos == Long.MIN_VALUE ? NEVER_SECONDS : (nowNanos - nanos) / NANOS_PER_SECOND;
    }
}

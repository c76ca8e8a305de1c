package io.crowfly.balancer.routing;

import java.util.Arrays;
import java.util.List;

/**
 * How one kind of request is shared out among the backends that it may go to, and how that changes as their costs do.
 * Confined to one thread.
 */
final class TrafficShares {

    /*
     * Sending everything to the cheapest backend at once is right for one edge whose requests don't slow anybody down. Forty
     * edges that do so, each upon the same news, slow the backend down that was the fastest, then all leave it together, and
     * so on. What they must find is the division at which no backend is faster than another that is used (Wardrop [1]), and
     * the replicator's rule [2] finds it: a backend's weight falls at a rate in proportion to how far its cost is above the
     * best one's. Differences of a few percent, which may be our own doing, move traffic over many seconds; a difference that
     * is beyond doubt moves it at once. One edge whose requests slow nobody down ends at the same place by the same rule: all
     * of it at the cheapest.
     *
     * Two things are taken off a difference: what may be error, or noise would be followed; and the tolerance, in proportion
     * to the shares, so that backends which are as good as equal are drawn to equal shares, not left wherever chance put them.
     *
     * A backend that has come back, from whatever kept it out, gets the share again that it had, over some seconds (slow
     * start) as long as others can take the rest.
     *
     * [1] J. G. Wardrop, "Some Theoretical Aspects of Road Traffic Research", 1952.
     * [2] S. Fischer, H. Räcke, B. Vöcking, "Fast Convergence to Wardrop Equilibria by Adaptive Sampling Methods", STOC 2006.
     */

    /** Rate per second at which weight falls, for a cost that is above the best by its whole. */
    private static final double RATE = 4;

    /** From here on differences are less and less our own doing, and the rate grows with their cube. */
    private static final double DOUBTFUL_EXCESS = 0.3;

    /** Differences of less than so many deviations are as if there were none. */
    private static final double IGNORED_DEVIATIONS = 0.7;

    /** Weight that stays, so that it can grow again; shares below {@link #MIN_SHARE} are not sent. */
    private static final double FLOOR_WEIGHT = 0.01;

    /** The floor falls by a factor of e for each tenth that a cost is above the best: what is nearly as good is back sooner. */
    private static final double FLOOR_SLOPE = 10;

    private static final double MIN_SHARE = 0.02;

    /** Of more than fifty backends that are as good as equal none gets {@link #MIN_SHARE}: then it is this part of the largest. */
    private static final double MIN_SHARE_OF_LARGEST = 0.5;

    private static final double SLOW_START_SHARE = 0.05;
    private static final double SLOW_START_SECONDS = 5;

    /** So much dearer than in ordinary times is a backend not well, and so much it may still be when it is well again. */
    private static final double SLOW_FACTOR = 1.6;

    private static final double RECOVERED_FACTOR = 1.2;

    /** So much dearer than the best is a backend no help in filling that one gently. */
    private static final double MAX_TAKER_COST = 1.5;

    private static final double MEMORY_SECONDS = 60;

    /** After a longer time than this without a plan, weights are as good as old. */
    private static final double LONGEST_STEP_SECONDS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final BackendWeight[] weights;
    private boolean hasPlanned;
    private long plannedAtNanos;

    /** What is remembered of one backend. */
    private static final class BackendWeight {
        private double weight;
        /** A mean of it over the time that it was well. */
        private double usualWeight;

        private boolean ordinary = true;
        private long returnedAtNanos = Long.MIN_VALUE;
    }

    /** @param backends how many there are in the conf */
    TrafficShares(int backends) {
        weights = new BackendWeight[backends];
        Arrays.setAll(weights, place -> new BackendWeight());
    }

    /**
     * Sets the entries' shares, which sum to 1 if any is open.
     *
     * @param tolerance how much dearer a backend may be taken to be for having all the requests, as a share of its cost
     * @param tierReturnedAtNanos when those that are preferred began to be
     */
    void update(List<PlanEntry> entries, double tolerance, long tierReturnedAtNanos, long nowNanos) {
        double seconds =
                hasPlanned ? Math.min(LONGEST_STEP_SECONDS, (nowNanos - plannedAtNanos) / NANOS_PER_SECOND) : 0;
        plannedAtNanos = nowNanos;
        double best = best(entries);
        for (PlanEntry entry : entries) {
            noteState(weights[entry.index], entry, tierReturnedAtNanos, nowNanos);
            entry.share = 0;
        }
        if (!Double.isFinite(best)) {
            return;
        }
        if (hasPlanned) {
            move(entries, tolerance, Math.max(0, seconds));
        }
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            double floor = StrictMath.exp(-FLOOR_SLOPE * (entry.cost - best) / best);
            backend.weight = entry.preferred ? Math.max(backend.weight, hasPlanned ? FLOOR_WEIGHT * floor : floor) : 0;
            if (backend.ordinary && isReturning(backend, nowNanos)) {
                backend.weight = Math.max(backend.weight, backend.usualWeight);
            }
        }
        hasPlanned = true;
        normalizeWeights(entries);
        double forgotten = 1 - StrictMath.exp(-seconds / MEMORY_SECONDS);
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            if (backend.ordinary) {
                backend.usualWeight += (backend.weight - backend.usualWeight) * forgotten;
            }
        }
        share(entries, nowNanos);
    }

    private static void noteState(BackendWeight backend, PlanEntry entry, long tierReturnedAtNanos, long nowNanos) {
        double limit = backend.ordinary ? SLOW_FACTOR : RECOVERED_FACTOR;
        boolean ordinary =
                entry.preferred && entry.costByLoad.currentNanos() < limit * entry.costByLoad.ordinaryNanos();
        if (ordinary && !backend.ordinary) {
            backend.returnedAtNanos = nowNanos;
        }
        backend.ordinary = ordinary;
        backend.returnedAtNanos = Math.max(backend.returnedAtNanos, entry.forecast.returnedAtNanos());
        if (entry.preferred) {
            backend.returnedAtNanos = Math.max(backend.returnedAtNanos, tierReturnedAtNanos);
        }
    }

    private static double best(List<PlanEntry> entries) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.preferred ? Math.min(best, entry.cost) : best;
        }
        return best;
    }

    private void move(List<PlanEntry> entries, double tolerance, double seconds) {
        PlanEntry best = null;
        for (PlanEntry entry : entries) {
            if (entry.preferred
                    && (best == null || costWithTolerance(entry, tolerance) < costWithTolerance(best, tolerance))) {
                best = entry;
            }
        }
        double least = costWithTolerance(best, tolerance);
        for (PlanEntry entry : entries) {
            double error = StrictMath.sqrt(entry.uncertainty * entry.uncertainty + best.uncertainty * best.uncertainty);
            double above =
                    Math.max(0, (costWithTolerance(entry, tolerance) - least) / least - IGNORED_DEVIATIONS * error);
            double doubt = above / DOUBTFUL_EXCESS;
            entry.weightFactor = StrictMath.exp(-RATE * above * (1 + doubt * doubt) * seconds);
        }
        for (PlanEntry entry : entries) {
            weights[entry.index].weight *= entry.weightFactor;
        }
    }

    private double costWithTolerance(PlanEntry entry, double tolerance) {
        return entry.cost * (1 + tolerance * weights[entry.index].weight);
    }

    private void normalizeWeights(List<PlanEntry> entries) {
        double sum = 0;
        for (PlanEntry entry : entries) {
            sum += weights[entry.index].weight;
        }
        for (PlanEntry entry : entries) {
            weights[entry.index].weight /= sum;
        }
    }

    /** Cuts what is too little to send, and holds back those that have just returned. */
    private void share(List<PlanEntry> entries, long nowNanos) {
        double largest = 0;
        for (PlanEntry entry : entries) {
            largest = Math.max(largest, weights[entry.index].weight);
        }
        double least = Math.min(MIN_SHARE, MIN_SHARE_OF_LARGEST * largest);
        for (PlanEntry entry : entries) {
            double weight = weights[entry.index].weight;
            entry.share = weight < least ? 0 : weight;
        }
        normalize(entries);
        double best = best(entries);
        double heldBack = 0;
        double takers = 0;
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            if (isReturning(backend, nowNanos)) {
                double most = slowStart(backend, nowNanos);
                heldBack += Math.max(0, entry.share - most);
                entry.share = Math.min(entry.share, most);
            } else if (canTake(entry, best)) {
                takers += backend.weight;
            }
        }
        if (heldBack > 0) {
            redistribute(entries, best, heldBack, takers, nowNanos);
        }
    }

    /** To those of the same rank by their weights, or else to the other open ones, or else to nobody but those that have it. */
    private void redistribute(List<PlanEntry> entries, double best, double heldBack, double takers, long nowNanos) {
        double sum = takers;
        if (takers == 0) {
            for (PlanEntry entry : entries) {
                sum += otherTierWeight(entry, best);
            }
        }
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            double taken = takers == 0
                    ? otherTierWeight(entry, best)
                    : isReturning(backend, nowNanos) || !canTake(entry, best) ? 0 : backend.weight;
            entry.share += sum == 0 ? 0 : heldBack * taken / sum;
        }
        normalize(entries);
    }

    /** One of another tier, by how cheap it is. */
    private static double otherTierWeight(PlanEntry entry, double best) {
        return entry.open && !entry.preferred && entry.cost < MAX_TAKER_COST * best ? 1 / (entry.cost * entry.cost) : 0;
    }

    /** Rather fill one quickly than make a request wait so much longer elsewhere. */
    private static boolean canTake(PlanEntry entry, double best) {
        return entry.preferred && entry.cost < MAX_TAKER_COST * best;
    }

    private static void normalize(List<PlanEntry> entries) {
        double sum = 0;
        for (PlanEntry entry : entries) {
            sum += entry.share;
        }
        for (PlanEntry entry : entries) {
            entry.share /= sum;
        }
    }

    private static boolean isReturning(BackendWeight backend, long nowNanos) {
        return backend.returnedAtNanos != Long.MIN_VALUE
                && nowNanos - backend.returnedAtNanos < SLOW_START_SECONDS * NANOS_PER_SECOND;
    }

    /** The most that it may get, growing by equal factors in equal times. */
    private static double slowStart(BackendWeight backend, long nowNanos) {
        double part = (nowNanos - backend.returnedAtNanos) / NANOS_PER_SECOND / SLOW_START_SECONDS;
        return SLOW_START_SHARE * StrictMath.exp(-StrictMath.log(SLOW_START_SHARE) * Math.max(0, part));
    }
}

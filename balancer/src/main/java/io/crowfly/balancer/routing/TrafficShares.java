package io.crowfly.balancer.routing;

import java.util.Arrays;
import java.util.List;

/**
 * Shares of the traffic of one kind of request among its backends, and how these shares follow the backends' costs.
 * Confined to one thread.
 */
final class TrafficShares {

    /*
     * One edge whose requests slow no backend down could send everything to the cheapest one. If forty edges do so at
     * the same time, they slow that backend down, then all move to the next, and so on. They must instead find the
     * division in which no backend is faster than another one in use (Wardrop equilibrium [1]). The replicator rule [2]
     * finds it: a backend's weight falls at a rate proportional to how far its cost is above the best cost.
     *
     * Our own requests may cause a difference of a few percent, so such a difference moves traffic over many seconds. A
     * large difference moves traffic at once. With one edge whose requests slow no backend down, the same rule ends
     * with all traffic at the cheapest.
     *
     * Two amounts are subtracted from a difference. The first is its possible error; otherwise shares would follow
     * noise. The second is the tolerance, in proportion to the shares, so that about equal backends converge to equal
     * shares.
     *
     * A backend that has returned from an ejection, a parking or a slow time regains its former share over some seconds
     * (slow start), as long as other backends can take the rest.
     *
     * [1] J. G. Wardrop, "Some Theoretical Aspects of Road Traffic Research", 1952. [2] S. Fischer, H. Räcke, B.
     * Vöcking, "Fast Convergence to Wardrop Equilibria by Adaptive Sampling Methods", STOC 2006.
     */

    /** Base rate at which a weight falls, per second and per relative excess over the best cost. */
    private static final double RATE = 4;

    /** Above this relative difference, our requests are unlikely to be the cause, and the rate grows with its cube. */
    private static final double DOUBTFUL_EXCESS = 0.3;

    /** Differences of fewer standard deviations are ignored. */
    private static final double IGNORED_DEVIATIONS = 0.7;

    /** Smallest weight, so that a weight can grow again. Shares below {@link #MIN_SHARE} get no requests. */
    private static final double FLOOR_WEIGHT = 0.01;

    /**
     * The smallest weight falls by a factor of e for each 10 % of cost above the best, so that good backends return
     * sooner.
     */
    private static final double FLOOR_SLOPE = 10;

    /** A smaller share gets no requests. */
    private static final double MIN_SHARE = 0.02;

    /**
     * With more than fifty equal backends all would be below {@link #MIN_SHARE}; then this part of the largest is the
     * limit.
     */
    private static final double MIN_SHARE_OF_LARGEST = 0.5;

    /** Largest share of a returning backend at the beginning of its slow start. */
    private static final double SLOW_START_SHARE = 0.05;

    private static final double SLOW_START_SECONDS = 5;

    /** Above this multiple of its ordinary cost a backend counts as slow. */
    private static final double SLOW_FACTOR = 1.6;

    /** Below this multiple of its ordinary cost a slow backend counts as ordinary again. */
    private static final double RECOVERED_FACTOR = 1.2;

    /** A backend above this multiple of the best cost takes no load that is held back from a returning one. */
    private static final double MAX_TAKER_COST = 1.5;

    /** Time constant of {@link BackendWeight#usualWeight}. */
    private static final double MEMORY_SECONDS = 60;

    /** Longest step of one update; bounds the change after a long time without one. */
    private static final double LONGEST_STEP_SECONDS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final BackendWeight[] weights;
    private boolean hasPlanned;
    private long plannedAtNanos;

    /** State of one backend between updates. */
    private static final class BackendWeight {
        private double weight;
        /** Mean of the weight over the times at which the backend was ordinary. */
        private double usualWeight;

        /** Whether the backend is in the preferred tier and not slow. */
        private boolean ordinary = true;

        private long returnedAtNanos = Long.MIN_VALUE;
    }

    /** @param backends number of backends in the conf */
    TrafficShares(int backends) {
        weights = new BackendWeight[backends];
        Arrays.setAll(weights, place -> new BackendWeight());
    }

    /**
     * Sets the entries' shares. They sum to 1 if any entry is open.
     *
     * @param tolerance share of its cost by which a backend with all the requests is treated as costlier
     * @param tierReturnedAtNanos when the preferred tier took over from a higher one
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
        double newShare = 1 - StrictMath.exp(-seconds / MEMORY_SECONDS);
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            if (backend.ordinary) {
                backend.usualWeight += (backend.weight - backend.usualWeight) * newShare;
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

    /** Sets the shares from the weights: drops small shares and limits those of returning backends. */
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
                double limit = slowStart(backend, nowNanos);
                heldBack += Math.max(0, entry.share - limit);
                entry.share = Math.min(entry.share, limit);
            } else if (canTake(entry, best)) {
                takers += backend.weight;
            }
        }
        if (heldBack > 0) {
            redistribute(entries, best, heldBack, takers, nowNanos);
        }
    }

    /**
     * Gives the load held back to other backends of the preferred tier by their weights. Without such backends, open
     * backends of other tiers get the load. Without those, the shares stay in proportion.
     */
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

    /** Returns the weight of a backend of another tier for load held back: the inverse square of its cost, or 0. */
    private static double otherTierWeight(PlanEntry entry, double best) {
        return entry.open && !entry.preferred && entry.cost < MAX_TAKER_COST * best ? 1 / (entry.cost * entry.cost) : 0;
    }

    /**
     * Returns whether a backend may take the load that is held back from returning backends: it is in the preferred
     * tier and costs less than {@link #MAX_TAKER_COST} times the best cost.
     */
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

    /** Returns the largest share during slow start. The share grows by equal factors in equal times. */
    private static double slowStart(BackendWeight backend, long nowNanos) {
        double part = (nowNanos - backend.returnedAtNanos) / NANOS_PER_SECOND / SLOW_START_SECONDS;
        return SLOW_START_SHARE * StrictMath.exp(-StrictMath.log(SLOW_START_SHARE) * Math.max(0, part));
    }
}

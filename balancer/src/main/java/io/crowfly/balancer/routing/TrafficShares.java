package io.crowfly.balancer.routing;

import java.util.Arrays;
import java.util.List;

/**
 * Shares of the traffic of one kind of request among its backends. Each update moves the shares towards cheaper
 * backends. Confined to one thread.
 */
final class TrafficShares {

    /*
     * A single Crowfly instance whose requests slow no backend down could send everything to the cheapest backend. If
     * forty instances do so at the same time, they slow that backend down, then all move to the next, and so on. They
     * must instead find the division in which no backend is faster than another one in use (Wardrop equilibrium [1]).
     * The replicator rule [2] finds it: a backend's weight decreases at a rate proportional to its cost above the best
     * cost.
     *
     * Our own requests may cause a difference of a few percent, so such a difference moves traffic over many seconds. A
     * large difference moves traffic at once. If our requests slow no backend down, the same rule ends with all traffic
     * at the cheapest.
     *
     * Two amounts are subtracted from a difference. The first is its possible error; otherwise shares would follow
     * noise. The second is the tolerance, in proportion to the shares, so that about equal backends converge to equal
     * shares.
     *
     * A backend that has returned from an ejection, a parking or a slow time regains its former share within a second
     * (slow start), as long as other backends can take the rest.
     *
     * [1] J. G. Wardrop, "Some Theoretical Aspects of Road Traffic Research", 1952. [2] S. Fischer, H. Räcke, B.
     * Vöcking, "Fast Convergence to Wardrop Equilibria by Adaptive Sampling Methods", STOC 2006.
     */

    /** Base rate at which a weight decreases, per second and per relative excess over the best cost. */
    private static final double RATE = 4;

    /**
     * Relative excess above which our requests are unlikely to be the cause. Above it, the rate grows with the cube of
     * the excess, as far as the excess is certain.
     */
    private static final double DOUBTFUL_EXCESS = 0.3;

    /**
     * Number of standard deviations of its error that is subtracted from a difference. A smaller difference is ignored.
     */
    private static final double IGNORED_DEVIATIONS = 0.7;

    /**
     * Number of further standard deviations that are subtracted where the excess makes the rate grow. Without them,
     * shares followed the errors of the first forecasts so fast that edges overloaded shared backends (scenario
     * saturation-4-edges).
     */
    private static final double DOUBTED_DEVIATIONS = 1;

    /**
     * Minimum weight of a backend with the best cost, so that a weight can grow again. A share below {@link #MIN_SHARE}
     * gets no requests.
     */
    private static final double FLOOR_WEIGHT = 0.01;

    /**
     * The minimum weight decreases by a factor of e per 10 % of cost above the best. A backend near the best cost keeps
     * a larger weight and so regains traffic sooner.
     */
    private static final double FLOOR_SLOPE = 10;

    /** A backend with a smaller share gets no requests. */
    private static final double MIN_SHARE = 0.02;

    /**
     * The limit is at most this part of the largest share. With more than fifty equal backends, every share would
     * otherwise be below {@link #MIN_SHARE}.
     */
    private static final double MIN_SHARE_OF_LARGEST = 0.5;

    /** Upper limit of a backend's share at the beginning of its slow start. */
    private static final double SLOW_START_SHARE = 0.05;

    /**
     * Short, because the load that is held back goes to slower backends. With five seconds, regret was two to three
     * times as high while a backend flaps (scenario flapping).
     */
    private static final double SLOW_START_SECONDS = 1;

    /** Above this multiple of its ordinary cost a backend counts as slow. */
    private static final double SLOW_FACTOR = 1.6;

    /** Below this multiple of its ordinary cost a slow backend counts as ordinary again. */
    private static final double RECOVERED_FACTOR = 1.2;

    /**
     * Above this multiple of the best cost, a backend gets no part of the load that is held back from returning
     * backends.
     */
    private static final double MAX_TAKER_COST = 1.5;

    /** Time constant, in seconds, of {@link BackendWeight#usualWeight}. */
    private static final double MEMORY_SECONDS = 60;

    /** Maximum time that one update accounts for, so that the change after a long time without updates is limited. */
    private static final double LONGEST_STEP_SECONDS = 1;

    /** Shares that change faster, as a part of the largest share per second, are moving. */
    private static final double MOVING_PER_SECOND = 0.1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final BackendWeight[] weights;
    private final boolean mayUseOtherTiers;
    private boolean hasPlanned;
    private boolean moving;
    private long plannedAtNanos;

    /** State of one backend between updates. */
    private static final class BackendWeight {
        private double weight;
        /**
         * Mean of the weight over the times at which the backend was ordinary. The weight that it regains after a
         * return.
         */
        private double usualWeight;

        /** Whether the backend is in the preferred tier and not slow. */
        private boolean ordinary = true;

        private long returnedAtNanos = Long.MIN_VALUE;

        /** Share after the last update. */
        private double share;
    }

    /**
     * @param backends number of backends in the conf
     * @param mayUseOtherTiers whether other tiers may get the load that is held back from a tier that returns
     */
    TrafficShares(int backends, boolean mayUseOtherTiers) {
        this.mayUseOtherTiers = mayUseOtherTiers;
        weights = new BackendWeight[backends];
        Arrays.setAll(weights, place -> new BackendWeight());
    }

    /**
     * Updates the weights and sets the entries' shares, which sum to 1 if any entry is open.
     *
     * @param tolerance relative amount by which the cost of a backend with all the requests is raised, and that of
     *     other backends in proportion to their weights
     * @param tierReturnedAtNanos when the preferred tier took over from a tier with a higher number
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
            double greatestFloor = hasPlanned ? FLOOR_WEIGHT : 1;
            if (!entry.preferred) {
                backend.weight = 0;
            } else if (backend.weight < greatestFloor) {
                double floor = greatestFloor * StrictMath.exp(-FLOOR_SLOPE * (entry.cost - best) / best);
                backend.weight = Math.max(backend.weight, floor);
            }
            if (backend.ordinary && isReturning(backend, nowNanos)) {
                backend.weight = Math.max(backend.weight, backend.usualWeight);
            }
        }
        boolean first = !hasPlanned;
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
        moving = first | noteShares(entries, seconds, nowNanos);
    }

    /** Returns whether the shares are moving, so that the next update should follow soon. */
    boolean isMoving() {
        return moving;
    }

    private boolean noteShares(List<PlanEntry> entries, double seconds, long nowNanos) {
        double largest = 0;
        for (PlanEntry entry : entries) {
            largest = Math.max(largest, entry.share);
        }
        boolean changed = false;
        for (PlanEntry entry : entries) {
            BackendWeight backend = weights[entry.index];
            changed |= Math.abs(entry.share - backend.share) > MOVING_PER_SECOND * seconds * largest
                    || entry.open && isReturning(backend, nowNanos);
            backend.share = entry.share;
        }
        return changed;
    }

    private static void noteState(BackendWeight backend, PlanEntry entry, long tierReturnedAtNanos, long nowNanos) {
        double limit = backend.ordinary ? SLOW_FACTOR : RECOVERED_FACTOR;
        boolean ordinary = entry.preferred && entry.singleCost < limit * entry.ordinaryCost;
        if (ordinary && !backend.ordinary) {
            backend.returnedAtNanos = nowNanos;
        }
        backend.ordinary = ordinary;
        long openedAtNanos =
                Math.max(entry.forecast.returnedAtNanos(), entry.preferred ? tierReturnedAtNanos : Long.MIN_VALUE);
        backend.returnedAtNanos = Math.max(backend.returnedAtNanos, openedAtNanos);
        entry.returning = isInSlowStart(openedAtNanos, nowNanos);
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
            double error = StrictMath.sqrt(square(entry.uncertainty) + square(best.uncertainty));
            double above =
                    Math.max(0, (costWithTolerance(entry, tolerance) - least) / least - IGNORED_DEVIATIONS * error);
            double doubt = Math.max(0, above - DOUBTED_DEVIATIONS * error) / DOUBTFUL_EXCESS;
            entry.weightFactor = above == 0 ? 1 : StrictMath.exp(-RATE * above * (1 + doubt * doubt) * seconds);
        }
        for (PlanEntry entry : entries) {
            weights[entry.index].weight *= entry.weightFactor;
        }
    }

    private static double square(double value) {
        return value * value;
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

    /** Sets the shares from the weights: sets small shares to 0 and limits those of returning backends. */
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
     * Distributes the load that is held back from returning backends. Other backends of the preferred tier get it, in
     * proportion to their weights. Without such backends, open backends of other tiers get it. Without those, the
     * shares stay in proportion.
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

    /**
     * Returns the weight of a backend of another tier in the distribution of load that is held back: the inverse square
     * of its cost, or 0 if it gets nothing.
     */
    private double otherTierWeight(PlanEntry entry, double best) {
        return mayUseOtherTiers && entry.open && !entry.preferred && entry.cost < MAX_TAKER_COST * best
                ? 1 / (entry.cost * entry.cost)
                : 0;
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
        return isInSlowStart(backend.returnedAtNanos, nowNanos);
    }

    private static boolean isInSlowStart(long returnedAtNanos, long nowNanos) {
        return returnedAtNanos != Long.MIN_VALUE && nowNanos - returnedAtNanos < SLOW_START_SECONDS * NANOS_PER_SECOND;
    }

    /**
     * Returns the upper limit of the share during slow start. The limit grows exponentially, from {@link
     * #SLOW_START_SHARE} to 1.
     */
    private static double slowStart(BackendWeight backend, long nowNanos) {
        double part = (nowNanos - backend.returnedAtNanos) / NANOS_PER_SECOND / SLOW_START_SECONDS;
        return SLOW_START_SHARE * StrictMath.exp(-StrictMath.log(SLOW_START_SHARE) * Math.max(0, part));
    }
}

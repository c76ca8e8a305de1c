package io.crowfly.balancer.routing;

import java.util.List;

/**
 * Selector of the tier that gets the requests: the lowest tier number with an open backend whose cost exceeds the
 * lowest cost by at most the tolerance. Costs are those of a single request: whether a tier has room for more at the
 * present load is decided for each request ({@link Chooser}). Confined to one thread.
 */
final class TierSelector {

    /**
     * Factor on the tolerance for the return to a tier with a lower number. Below 1, so that tiers do not alternate
     * (hysteresis).
     */
    static final double RETURN_SHARE = 0.8;

    private final long toleranceNanos;
    private int tier = Integer.MAX_VALUE;
    private int lowestSoFar = Integer.MAX_VALUE;
    private long returnedAtNanos = Long.MIN_VALUE;

    /**
     * @param toleranceNanos maximum difference, in nanoseconds, by which a tier with a lower number may be slower than
     *     the best backend and still get the requests
     */
    TierSelector(long toleranceNanos) {
        this.toleranceNanos = toleranceNanos;
    }

    /** Selects the tier and marks its open entries as preferred. */
    void markPreferred(List<PlanEntry> entries, long nowNanos) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.open ? Math.min(best, entry.costByLoad.singleNanos()) : best;
        }
        int lowest = Integer.MAX_VALUE;
        for (PlanEntry entry : entries) {
            // Without this smaller tolerance, a tier that was too slow could return and lose the requests again at once
            // (hysteresis).
            double tolerance =
                    entry.tier < tier && tier != Integer.MAX_VALUE ? RETURN_SHARE * toleranceNanos : toleranceNanos;
            if (entry.open && entry.costByLoad.singleNanos() <= best + tolerance) {
                lowest = Math.min(lowest, entry.tier);
            }
        }
        // The change is a return only if a tier with such a low number was selected before. At the start, a tier with a
        // higher number may have been selected only because its backends were known first.
        if (lowest < tier && lowest >= lowestSoFar) {
            returnedAtNanos = nowNanos;
        }
        tier = lowest;
        lowestSoFar = Math.min(lowestSoFar, lowest);
        for (PlanEntry entry : entries) {
            entry.preferred = entry.open && entry.tier == tier;
        }
    }

    /**
     * Returns when the present tier took over from a tier with a higher number; {@link Long#MIN_VALUE} if it did not.
     */
    long returnedAtNanos() {
        return returnedAtNanos;
    }
}

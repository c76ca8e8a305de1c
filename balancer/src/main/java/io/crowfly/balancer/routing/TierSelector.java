package io.crowfly.balancer.routing;

import java.util.List;

/**
 * Which tier gets the requests: the lowest that has room and is not much slower than the best of all. Confined to one
 * thread.
 */
final class TierSelector {

    private static final double RETURN_SHARE = 0.8;

    private final long toleranceNanos;
    private int tier = Integer.MAX_VALUE;
    private int lowestSoFar = Integer.MAX_VALUE;
    private long returnedAtNanos = Long.MIN_VALUE;

    /** @param toleranceNanos how much slower than the best a lower tier may be and still get the requests */
    TierSelector(long toleranceNanos) {
        this.toleranceNanos = toleranceNanos;
    }

    /** Marks the open entries that are of the tier. */
    void markPreferred(List<PlanEntry> entries, long nowNanos) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.open ? Math.min(best, entry.cost) : best;
        }
        int lowest = Integer.MAX_VALUE;
        for (PlanEntry entry : entries) {
            // A tier that was left for being slow must be somewhat better than that, or it would come and go.
            double tolerance =
                    entry.tier < tier && tier != Integer.MAX_VALUE ? RETURN_SHARE * toleranceNanos : toleranceNanos;
            if (entry.open && entry.cost <= best + tolerance) {
                lowest = Math.min(lowest, entry.tier);
            }
        }
        // Not when the higher one only was known first, at the start.
        if (lowest < tier && lowest >= lowestSoFar) {
            returnedAtNanos = nowNanos;
        }
        tier = lowest;
        lowestSoFar = Math.min(lowestSoFar, lowest);
        for (PlanEntry entry : entries) {
            entry.preferred = entry.open && entry.tier == tier;
        }
    }

    /** When the present tier took over from a higher one; a long time ago if it did not. */
    long returnedAtNanos() {
        return returnedAtNanos;
    }
}

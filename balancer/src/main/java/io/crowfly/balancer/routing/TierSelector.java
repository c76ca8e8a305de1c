package io.crowfly.balancer.routing;

import java.util.List;

/**
 * Selector of the tier that gets the requests: the lowest number with an open backend that is not much slower than the
 * best of all. Confined to one thread.
 */
final class TierSelector {

    /** Share of the tolerance that a lower tier must keep to take over again. */
    private static final double RETURN_SHARE = 0.8;

    private final long toleranceNanos;
    private int tier = Integer.MAX_VALUE;
    private int lowestSoFar = Integer.MAX_VALUE;
    private long returnedAtNanos = Long.MIN_VALUE;

    /** @param toleranceNanos how much slower than the best backend a lower tier may be and still get the requests */
    TierSelector(long toleranceNanos) {
        this.toleranceNanos = toleranceNanos;
    }

    /** Selects the tier and marks its open entries as preferred. */
    void markPreferred(List<PlanEntry> entries, long nowNanos) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.open ? Math.min(best, entry.cost) : best;
        }
        int lowest = Integer.MAX_VALUE;
        for (PlanEntry entry : entries) {
            // Hysteresis, so that a tier that was too slow does not return and lose the requests again.
            double tolerance =
                    entry.tier < tier && tier != Integer.MAX_VALUE ? RETURN_SHARE * toleranceNanos : toleranceNanos;
            if (entry.open && entry.cost <= best + tolerance) {
                lowest = Math.min(lowest, entry.tier);
            }
        }
        // Not at the start, when a higher tier was merely known first.
        if (lowest < tier && lowest >= lowestSoFar) {
            returnedAtNanos = nowNanos;
        }
        tier = lowest;
        lowestSoFar = Math.min(lowestSoFar, lowest);
        for (PlanEntry entry : entries) {
            entry.preferred = entry.open && entry.tier == tier;
        }
    }

    /** Returns when the present tier took over from a higher one; {@link Long#MIN_VALUE} if it did not. */
    long returnedAtNanos() {
        return returnedAtNanos;
    }
}

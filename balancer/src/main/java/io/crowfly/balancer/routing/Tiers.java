package io.crowfly.balancer.routing;

import java.util.List;
import java.util.Optional;

/**
 * The tiers of the candidates of one kind of request. The preferred tier gets each request for which it has room at the
 * present load. An immutable value.
 *
 * @param preferredCount number of candidates of the preferred tier, which are the first of the list
 * @param toleranceNanos maximum difference by which a tier with a lower number may be slower and still get a request;
 *     infinite if there is no limit
 * @param certainRoomNanos cost up to which the preferred tier has room, whatever the load of the other tiers
 * @param otherIsFaster whether a single request would cost less at another tier
 * @param overflow why the preferred tier is not the one with the lowest number
 */
public record Tiers(
        int preferredCount,
        double toleranceNanos,
        double certainRoomNanos,
        boolean otherIsFaster,
        Optional<Overflow> overflow) {

    /** All open candidates are of one tier, and there is no tier with a lower number. */
    public static final Tiers ONE =
            new Tiers(Integer.MAX_VALUE, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, false, Optional.empty());

    private static final Optional<Overflow> TOO_SLOW = Optional.of(Overflow.SLOWER);
    private static final Optional<Overflow> NOT_OPEN = Optional.of(Overflow.UNAVAILABLE);

    /** @param entries in the order of the candidates */
    static Tiers of(List<PlanEntry> entries, long toleranceNanos) {
        double tolerance = toleranceNanos == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : toleranceNanos;
        int preferredCount = 0;
        int preferredTier = Integer.MAX_VALUE;
        double least = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            if (entry.preferred) {
                preferredCount++;
                preferredTier = entry.tier;
                least = Math.min(least, entry.costByLoad.singleNanos());
            }
        }
        double certainRoom = Double.POSITIVE_INFINITY;
        boolean hasOther = false;
        boolean otherIsFaster = false;
        boolean lowerIsOpen = false;
        boolean hasLower = false;
        for (PlanEntry entry : entries) {
            if (entry.open && !entry.preferred) {
                hasOther = true;
                double single = entry.costByLoad.singleNanos();
                certainRoom = Math.min(certainRoom, single + advantage(entry.tier, preferredTier, tolerance));
                otherIsFaster |= single < least;
            }
            boolean isLower = preferredCount > 0 && entry.tier < preferredTier;
            hasLower |= isLower;
            lowerIsOpen |= isLower && entry.open;
        }
        if (!hasOther && !hasLower) {
            return ONE; // the usual case; allocates nothing
        }
        Optional<Overflow> overflow = !hasLower ? Optional.empty() : lowerIsOpen ? TOO_SLOW : NOT_OPEN;
        return new Tiers(preferredCount, tolerance, certainRoom, otherIsFaster, overflow);
    }

    /**
     * Returns how much more than a candidate of another tier the preferred tier may cost before that candidate gets the
     * request. Negative if the other tier has the lower number.
     */
    double advantage(int tier, int preferredTier) {
        return advantage(tier, preferredTier, toleranceNanos);
    }

    private static double advantage(int tier, int preferredTier, double tolerance) {
        return tier > preferredTier ? tolerance : -TierSelector.RETURN_SHARE * tolerance;
    }
}

package io.crowfly.balancer.routing;

import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Forecast;

/**
 * Working data of one backend (cost, tier, share) while a {@link Plan} computes its candidates. Created anew for each
 * ranking.
 */
final class PlanEntry {

    /** The backend's place in the conf. */
    final int index;

    final int tier;
    final BackendSnapshot snapshot;
    final ModelHealth model;
    final Forecast forecast;

    final Cost costByLoad;

    /** Cost of a single request in ordinary times, in nanoseconds. */
    final double ordinaryCost;

    /** Cost of one more request with the mean number in flight, in nanoseconds; above zero. */
    final double cost;

    /** Lowest cost, in nanoseconds, that exploration may plausibly find. */
    final double optimisticCost;

    /**
     * Lowest cost, in nanoseconds, that is plausible if nothing of the backend were known but its network time. Never
     * above {@link #optimisticCost}.
     */
    double unknownCost;

    boolean open;
    String note;

    /** Whether the backend is open and belongs to the tier that gets the requests. */
    boolean preferred;

    double share;

    /**
     * Whether the backend is in slow start after an ejection, a parking or failed probes, or with its tier. A backend
     * that was only slow is not.
     */
    boolean returning;

    /** Factor by which {@link TrafficShares} multiplies the backend's weight in this update. */
    double weightFactor;

    PlanEntry(
            int index,
            int tier,
            BackendSnapshot snapshot,
            ModelHealth model,
            Forecast forecast,
            Cost costByLoad,
            double ordinaryCost,
            double optimisticCost,
            boolean open,
            String note) {
        this.index = index;
        this.tier = tier;
        this.snapshot = snapshot;
        this.model = model;
        this.forecast = forecast;
        this.costByLoad = costByLoad;
        this.ordinaryCost = ordinaryCost;
        this.cost = costByLoad.plannedNanos();
        this.optimisticCost = optimisticCost;
        this.unknownCost = optimisticCost;
        this.open = open;
        this.note = note;
    }
}

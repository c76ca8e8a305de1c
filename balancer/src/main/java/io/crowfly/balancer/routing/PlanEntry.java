package io.crowfly.balancer.routing;

import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.forecast.Forecast;

/** One backend that a kind of request may use, as a {@link Plan} is made. Written anew for each publication. */
final class PlanEntry {

    /** The backend's place in the conf. */
    final int index;

    final int tier;
    final BackendSnapshot snapshot;
    final Forecast forecast;

    final Cost costByLoad;

    /** With what is in flight now, in nanoseconds; more than zero. */
    final double cost;

    /** The cost that asking may find. */
    final double optimisticCost;

    /** Standard deviation of what is believed about the cost, as a share of it. */
    final double uncertainty;

    boolean open;
    String note;

    /** Whether its tier is the one that should get the requests. */
    boolean preferred;

    double share;

    /** The factor by which its weight falls. */
    double weightFactor;

    PlanEntry(
            int index,
            int tier,
            BackendSnapshot snapshot,
            Forecast forecast,
            Cost costByLoad,
            long inFlight,
            double optimisticCost,
            double uncertainty,
            boolean open,
            String note) {
        this.index = index;
        this.tier = tier;
        this.snapshot = snapshot;
        this.forecast = forecast;
        this.costByLoad = costByLoad;
        this.cost = Math.max(1, costByLoad.nanosAt(inFlight + 1));
        this.optimisticCost = optimisticCost;
        this.uncertainty = uncertainty;
        this.open = open;
        this.note = note;
    }
}

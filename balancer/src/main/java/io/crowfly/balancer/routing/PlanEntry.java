package io.crowfly.balancer.routing;

import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Forecast;

/**
 * Working data of one backend (cost, tier, share) while a {@link Plan} computes its candidates. The plan keeps the
 * entry and {@linkplain #set sets} it again when the backend's forecast, load or health has changed.
 */
final class PlanEntry {

    /** The backend's place in the conf. */
    final int index;

    final int tier;
    BackendSnapshot snapshot;
    ModelHealth model;
    Forecast forecast;

    Cost costByLoad;

    /** Cost of a single request, in nanoseconds. */
    double singleCost;

    /** Standard deviation of the estimated cost, as a share of the cost. */
    double uncertainty;

    /** Natural logarithm of the forecast service time. */
    double logService;

    /** Cost of a single request in ordinary times, in nanoseconds. */
    double ordinaryCost;

    /** Cost of one more request with the mean number in flight, in nanoseconds; above zero. */
    double cost;

    /** Lowest cost, in nanoseconds, that exploration may plausibly find. */
    double optimisticCost;

    /**
     * Lowest cost, in nanoseconds, that is plausible if nothing of the backend were known but what probes measure and
     * its failures. Never above {@link #optimisticCost}.
     */
    double unknownCost;

    /** Forecast from which the entry was computed, at the class's ordinary size. */
    Forecast source;

    /** Size effect with which the entry was computed. */
    double sizeEffect;

    /** Object of the plan's figures of tokens with which the entry was computed. */
    Object remaining;

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

    /** Creates an entry that must be {@linkplain #set set} before use. */
    PlanEntry(int index, int tier) {
        this.index = index;
        this.tier = tier;
    }

    /** Sets all that depends on the forecast, the load and the health of the model. */
    void set(ModelHealth health, Forecast atSize, Cost byLoad, double ordinaryNanos, double optimisticNanos) {
        model = health;
        forecast = atSize;
        costByLoad = byLoad;
        singleCost = byLoad.singleNanos();
        uncertainty = byLoad.uncertainty();
        logService = atSize.prediction().logService();
        ordinaryCost = ordinaryNanos;
        cost = byLoad.plannedNanos();
        optimisticCost = optimisticNanos;
    }

    /**
     * Prepares the entry for the next computation.
     *
     * @param note why the backend is closed; empty if it is open
     */
    void reset(BackendSnapshot present, String closedNote) {
        snapshot = present;
        note = closedNote;
        open = closedNote.isEmpty();
        preferred = false;
        returning = false;
        share = 0;
        unknownCost = optimisticCost;
    }

    /** Compares in the order of candidates: open ones, the preferred tier, then by tier, cost and place in the conf. */
    static int bestFirst(PlanEntry one, PlanEntry other) {
        if (one.open != other.open) {
            return one.open ? -1 : 1;
        }
        if (one.preferred != other.preferred) {
            return one.preferred ? -1 : 1;
        }
        if (one.tier != other.tier) {
            return Integer.compare(one.tier, other.tier);
        }
        return one.cost != other.cost ? Double.compare(one.cost, other.cost) : Integer.compare(one.index, other.index);
    }
}

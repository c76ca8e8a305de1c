package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Exploration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Selector of the backend to explore among those that get no requests of a kind: optimism under uncertainty, as in
 * Auer's UCB. A backend is explored only if its optimistic cost is below the best cost. That happens after a long time
 * without requests, or while the backend is slower than ordinary. Of several such backends, the cheapest is explored,
 * because the exploring request pays the difference. Confined to one thread.
 */
final class Explorer {

    /** A backend is explored only if its optimistic cost is below this share of the best cost. */
    private static final double WORTHWHILE_SHARE = 0.98;

    /**
     * Minimum time between two explorations of one backend, so that the response of the first is received before the
     * second.
     */
    private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final double share;
    private final long toleranceNanos;
    private final Map<Integer, Long> exploredAtNanos = new HashMap<>();
    private Exploration permit = Exploration.NONE;
    private int permitIndex = -1;

    /**
     * @param share largest share of requests spent on exploration
     * @param toleranceNanos cost difference by which a backend of another tier must be cheaper to get requests
     */
    Explorer(double share, long toleranceNanos) {
        this.share = share;
        this.toleranceNanos = toleranceNanos;
    }

    /**
     * Returns the exploration that is due.
     *
     * @param entries in the order of the candidates
     */
    Exploration choose(List<PlanEntry> entries, long nowNanos) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.preferred ? Math.min(best, entry.cost) : best;
        }
        int chosen = -1;
        for (int place = 0; place < entries.size(); place++) {
            PlanEntry entry = entries.get(place);
            if (isWorthExploring(entry, best, nowNanos) && (chosen < 0 || entry.cost < entries.get(chosen).cost)) {
                chosen = place;
            }
        }
        if (chosen < 0) {
            permitIndex = -1;
            return Exploration.none(share);
        }
        int index = entries.get(chosen).index;
        // A permit that is not taken yet stays valid, although the backend's place in the list may have changed.
        AtomicBoolean taken = index == permitIndex && !permit.taken().get() ? permit.taken() : new AtomicBoolean();
        permit = new Exploration(share, chosen, taken);
        permitIndex = index;
        return permit;
    }

    private boolean isWorthExploring(PlanEntry entry, double best, long nowNanos) {
        if (!entry.open || entry.share > 0) {
            return false;
        }
        if (entry.index == permitIndex && permit.taken().get()) {
            exploredAtNanos.put(entry.index, nowNanos);
            permitIndex = -1;
        }
        double costToBeat = entry.preferred ? best * WORTHWHILE_SHARE : best - toleranceNanos;
        return entry.optimisticCost < costToBeat
                && nowNanos - exploredAtNanos.getOrDefault(entry.index, nowNanos - MIN_PAUSE_NANOS) >= MIN_PAUSE_NANOS;
    }
}

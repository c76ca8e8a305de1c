package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Exploration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Which backend, of those that get no requests of a kind, is worth one: optimism under uncertainty (as in Auer's UCB), for
 * the price of what the next request loses by it. A backend is asked only if it may, for all we know, be better than the
 * best; that is if nothing has been heard of it for long, or if it is slower than it is in ordinary times. Of several the
 * cheapest is asked. Confined to one thread.
 */
final class Explorer {

    /** Less than that is not worth looking for. */
    private static final double WORTHWHILE_SHARE = 0.98;

    /** A backend is not asked again before the last answer can have been heard. */
    private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final double share;
    private final long toleranceNanos;
    private final Map<Integer, Long> exploredAtNanos = new HashMap<>();
    private Exploration ticket = Exploration.NONE;
    private int ticketIndex = -1;

    /**
     * @param share of requests that may be spent
     * @param toleranceNanos by how much a higher tier must be better to get anything
     */
    Explorer(double share, long toleranceNanos) {
        this.share = share;
        this.toleranceNanos = toleranceNanos;
    }

    /** @param entries in the order of the candidates */
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
            ticketIndex = -1;
            return Exploration.none(share);
        }
        int index = entries.get(chosen).index;
        // A ticket that nobody has taken yet goes on, though the place may have changed.
        AtomicBoolean taken = index == ticketIndex && !ticket.taken().get() ? ticket.taken() : new AtomicBoolean();
        ticket = new Exploration(share, chosen, taken);
        ticketIndex = index;
        return ticket;
    }

    private boolean isWorthExploring(PlanEntry entry, double best, long nowNanos) {
        if (!entry.open || entry.share > 0) {
            return false;
        }
        if (entry.index == ticketIndex && ticket.taken().get()) {
            exploredAtNanos.put(entry.index, nowNanos);
            ticketIndex = -1;
        }
        double costToBeat = entry.preferred ? best * WORTHWHILE_SHARE : best - toleranceNanos;
        return entry.optimisticCost < costToBeat
                && nowNanos - exploredAtNanos.getOrDefault(entry.index, nowNanos - MIN_PAUSE_NANOS) >= MIN_PAUSE_NANOS;
    }
}

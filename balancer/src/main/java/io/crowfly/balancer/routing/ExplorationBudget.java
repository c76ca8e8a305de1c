package io.crowfly.balancer.routing;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Budget of all explorations under one conf, shared by the event loops. Each request adds the conf's share of one
 * exploration, and each exploration takes its price. Thread-safe; never blocks.
 */
final class ExplorationBudget {

    /** Maximum of the budget, so that unused explorations cannot accumulate to a burst. */
    static final double MAX = 3;

    private static final double UNIT = 1e-6;

    /** Explorations that may be sent, in millionths. */
    private final AtomicLong units;

    /** @param explorations number that may be sent before any request has added its share */
    ExplorationBudget(int explorations) {
        units = new AtomicLong((long) (explorations / UNIT));
    }

    /**
     * Adds credit and takes the price of one exploration, if the budget suffices.
     *
     * @param credit sum of the shares of the requests since the caller's last call
     * @param price price in ordinary explorations; at least 1. A price above {@link #MAX} raises that limit
     * @return whether the price was taken
     */
    boolean tryTake(double credit, double price) {
        long limit = (long) (Math.max(MAX, price) / UNIT);
        while (true) {
            long before = units.get();
            long after = Math.min(limit, before + (long) (credit / UNIT));
            boolean enough = after >= (long) (price / UNIT);
            if (units.compareAndSet(before, enough ? after - (long) (price / UNIT) : after)) {
                return enough;
            }
        }
    }

    /** Returns the price of an exploration that was not sent. */
    void refund(double price) {
        units.addAndGet((long) (price / UNIT));
    }
}

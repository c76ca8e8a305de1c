package io.crowfly.balancer.routing;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Budget of all explorations under one conf, shared by the event loops. Each request adds the conf's share of one
 * exploration, and each exploration takes its price. The first requests add ten times as much, up to an advance.
 * Thread-safe; never blocks.
 */
final class ExplorationBudget {

    /** Maximum of the budget, so that unused explorations cannot accumulate to a burst. */
    static final double MAX = 3;

    /** Size of the advance, in shares of the request that adds it. */
    private static final int ADVANCE_FACTOR = 9;

    private static final double UNIT = 1e-6;

    /** Explorations that may be sent, in millionths. */
    private final AtomicLong units = new AtomicLong();

    /** The rest of the advance, in millionths. */
    private final AtomicLong advance;

    /** @param advance explorations that the first requests add beside their share */
    ExplorationBudget(int advance) {
        this.advance = new AtomicLong((long) (advance / UNIT));
    }

    /**
     * Adds credit and takes the price of one exploration, if the budget suffices.
     *
     * @param credit sum of the shares of the requests since the caller's last call
     * @param price price in ordinary explorations; at least 1. A price above {@link #MAX} raises that limit
     * @return whether the price was taken
     */
    boolean tryTake(double credit, double price) {
        long share = (long) (credit / UNIT);
        long added = share + takeAdvance(ADVANCE_FACTOR * share);
        long limit = (long) (Math.max(MAX, price) / UNIT);
        while (true) {
            long before = units.get();
            long after = Math.min(limit, before + added);
            boolean enough = after >= (long) (price / UNIT);
            if (units.compareAndSet(before, enough ? after - (long) (price / UNIT) : after)) {
                return enough;
            }
        }
    }

    private long takeAdvance(long wanted) {
        while (true) {
            long rest = advance.get();
            long taken = Math.min(rest, wanted);
            if (advance.compareAndSet(rest, rest - taken)) {
                return taken;
            }
        }
    }

    /** Returns the price of an exploration that was not sent. */
    void refund(double price) {
        units.addAndGet((long) (price / UNIT));
    }
}

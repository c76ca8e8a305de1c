package io.crowfly.balancer.listener;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counter of open client connections over all listeners and event loops, which enforces {@code limits.connections}. For
 * any thread.
 */
final class ConnectionCount {

    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder refused = new LongAdder();

    /**
     * Counts one more connection unless the limit is reached.
     *
     * @return whether the connection was counted; then the caller must call {@link #remove} when it closes
     */
    boolean tryAdd(int limit) {
        if (open.incrementAndGet() > limit) {
            open.decrementAndGet();
            refused.increment();
            return false;
        }
        return true;
    }

    void remove() {
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }

    long refused() {
        return refused.sum();
    }
}

package io.crowfly.balancer.listener;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Number of open client connections over all listeners and loops, with a limit. Any thread. */
final class ConnectionCount {

    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder refused = new LongAdder();

    /**
     * Counts one more connection unless the limit is reached.
     *
     * @return whether the connection is counted; then the caller must call {@link #remove} when it closes
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

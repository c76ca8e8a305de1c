package io.crowfly.balancer.listener;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts the connections of clients, over all listeners and loops, against their limit. Any thread. */
final class ConnectionCount {

    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder refused = new LongAdder();

    /** @return whether there was room for one more; it is counted then, until {@link #remove} */
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

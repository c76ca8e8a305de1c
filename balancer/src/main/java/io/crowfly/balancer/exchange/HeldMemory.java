package io.crowfly.balancer.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that is set aside for bodies which are held, those of all loops together. Safe for several threads; never waits.
 */
public final class HeldMemory {

    private final AtomicLong taken = new AtomicLong();

    /** @return whether there was room for it: then it is to be given back */
    boolean take(long bytes, long limit) {
        long before = taken.get();
        while (before + bytes <= limit) {
            if (taken.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = taken.get();
        }
        return false;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** In bytes. */
    public long taken() {
        return taken.get();
    }
}

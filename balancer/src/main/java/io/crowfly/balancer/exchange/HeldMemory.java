package io.crowfly.balancer.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the bodies which are held take up, those of all loops together. Who needs much of it takes all that it may
 * come to need beforehand: were it taken bit by bit, a hundred half bodies could fill it and none would ever be whole. Safe for
 * several threads; never waits.
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

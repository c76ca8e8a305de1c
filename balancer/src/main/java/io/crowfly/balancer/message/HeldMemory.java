package io.crowfly.balancer.message;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory account of the bodies that are held, over all event loops. Safe for several threads; never blocks.
 */
public final class HeldMemory {

    private final AtomicLong reservedBytes = new AtomicLong();

    /** @return whether the limit allowed it; if so, the caller must {@link #release} the bytes */
    boolean tryReserve(long bytes, long limit) {
        long before = reservedBytes.get();
        while (before + bytes <= limit) {
            if (reservedBytes.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = reservedBytes.get();
        }
        return false;
    }

    void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    /** Returns the bytes that are reserved now. */
    public long reservedBytes() {
        return reservedBytes.get();
    }
}

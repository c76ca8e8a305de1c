package io.crowfly.balancer.message;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Account of the memory that held request bodies use, over all event loops, which enforces {@code limits.held-total}.
 * Safe for several threads; never blocks.
 */
public final class HeldMemory {

    private final AtomicLong reservedBytes = new AtomicLong();

    /**
     * Reserves bytes unless the sum would exceed the limit.
     *
     * @return whether the bytes were reserved; if so, the caller must {@link #release} them
     */
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

    /** Returns the number of bytes that are reserved now. */
    public long reservedBytes() {
        return reservedBytes.get();
    }
}

package io.crowfly.balancer.message;

import io.crowfly.balancer.transport.DirectMemory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory account of the bodies and responses that are held, over all event loops. While the direct memory of the JVM is
 * short, no bytes are reserved. Safe for several threads; never blocks.
 */
public final class HeldMemory {

    private final DirectMemory directMemory;
    private final AtomicLong reservedBytes = new AtomicLong();

    public HeldMemory(DirectMemory directMemory) {
        this.directMemory = directMemory;
    }

    /** Returns whether the direct memory of the JVM is short, so that no new work may be accepted. */
    public boolean isShort() {
        return directMemory.isShort();
    }

    /**
     * Reserves bytes unless the sum would exceed the limit, or direct memory is short.
     *
     * @return whether the bytes were reserved; if so, the caller must {@link #release} them
     */
    public boolean tryReserve(long bytes, long limit) {
        if (isShort()) {
            return false;
        }
        long before = reservedBytes.get();
        while (before + bytes <= limit) {
            if (reservedBytes.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = reservedBytes.get();
        }
        return false;
    }

    public void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    /** Returns the number of bytes that are reserved now. */
    public long reservedBytes() {
        return reservedBytes.get();
    }
}

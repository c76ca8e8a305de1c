package io.crowfly.balancer.listener;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory account of long heads, over all connections. A head is kept on the heap from its first line to the end of its
 * exchange. Safe for several threads; never blocks.
 */
final class HeadMemory {

    /** The part of the heap that long heads may need, as a divisor. */
    private static final int HEAP_SHARE = 8;

    /** A head that cannot be kept, because other long heads need all of the memory. */
    static final class ExhaustedException extends Exception {

        private static final long serialVersionUID = 1L;

        ExhaustedException() {
            super("no memory for another long head", null, false, false);
        }
    }

    private final long maxBytes;
    private final AtomicLong reservedBytes = new AtomicLong();

    HeadMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Returns an account of the part of this JVM's heap that is for heads. */
    static HeadMemory ofJvm() {
        return new HeadMemory(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** @return whether the memory is available; if so, the caller must {@link #release} it */
    boolean tryReserve(long bytes) {
        if (reservedBytes.addAndGet(bytes) <= maxBytes) {
            return true;
        }
        reservedBytes.addAndGet(-bytes);
        return false;
    }

    void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    long reservedBytes() {
        return reservedBytes.get();
    }
}

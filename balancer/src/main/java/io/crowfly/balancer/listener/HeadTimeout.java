package io.crowfly.balancer.listener;

/*
 * The clock of the first head runs from the opening of the connection, TLS handshake included. The clock of a later
 * head starts when a part of the head has been received. Before that part, the idle timeout applies. The decoder is
 * queried only at the ticks of the TimeoutSweep, because a timer per request would cost more. So a clock may start a
 * tick late.
 */

/** Timeout of an incomplete request head on one connection. Confined to the loop of its connection. */
final class HeadTimeout {

    private final RequestDecoding decoding;
    private boolean clockRuns = true;
    private long sinceNanos;

    /** @param openedNanos {@link System#nanoTime} at which the connection was opened */
    HeadTimeout(RequestDecoding decoding, long openedNanos) {
        this.decoding = decoding;
        sinceNanos = openedNanos;
    }

    /** A head is complete, or invalid. */
    void onHead() {
        clockRuns = false;
    }

    /** Returns whether the head is overdue. Call at each tick at which a head may arrive, and only then. */
    boolean isExpired(long nowNanos, long timeoutNanos) {
        if (!clockRuns && hasBegun()) {
            clockRuns = true;
            sinceNanos = nowNanos;
        }
        return clockRuns && nowNanos - sinceNanos > timeoutNanos;
    }

    /** Returns whether a part of the head has been received, so that the client awaits a response. */
    boolean hasBegun() {
        return decoding.isInsideHead();
    }
}

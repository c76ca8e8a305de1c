package io.crowfly.balancer.listener;

import java.util.concurrent.TimeUnit;

/*
 * A read costs about the same for one byte as for a whole request. A client that sends its request byte by byte, with
 * one packet for each, thus costs a thousand times the processor time per byte. While reading is paused, the bytes
 * gather in the kernel, and the next read gets all of them. Only tiny reads inside a request count, so a client that
 * sends many small requests is not slowed down.
 */

/** Limit of the rate at which a client's tiny pieces of a request are read. Confined to the loop of its connection. */
final class ReadPace {

    /** Size of a piece that counts, in bytes. A TLS record that carries one byte is smaller, too. */
    static final int TINY_BYTES = 64;

    /** Tiny pieces that are read as they arrive. A client that generates its body may send some hundred. */
    static final int BURST = 512;

    /** Tiny pieces that are read in each interval after the burst. */
    static final int PER_INTERVAL = 8;

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private int left = BURST;
    private boolean paused;
    private long intervalStartNanos;

    /** A tiny piece has been read that did not complete a request. */
    void onTinyRead() {
        if (left > 0) {
            left--;
        }
        paused = left == 0;
    }

    /** Returns whether the next read must wait. */
    boolean isPaused() {
        return paused;
    }

    /** Ends a pause if its interval is over. Call at each slow tick. */
    void onTick(long nowNanos) {
        if (left < BURST && nowNanos - intervalStartNanos >= INTERVAL_NANOS) {
            intervalStartNanos = nowNanos;
            left = Math.min(BURST, left + PER_INTERVAL);
            paused = false;
        }
    }
}

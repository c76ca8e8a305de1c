package io.crowfly.balancer.listener;

import java.util.concurrent.TimeUnit;

/*
 * The rate is judged at the end of each window, so a client may pause within a window. A body that is complete within
 * one window is never judged. Only time in which Crowfly reads counts: while a slow backend or the limit of held memory
 * pauses reading, the client cannot send. The cost per part of a body is one addition.
 */

/** Average rate at which the body of a request arrives, window by window. Confined to the loop of its connection. */
final class BodyRate {

    /** Bytes in the current window. */
    private long bytes;

    /** Time in the current window in which the body was read. */
    private long readNanos;

    private long lastTickNanos;

    /** Whether the body was read at the last tick. False before the first tick. */
    private boolean wasReading;

    /** The head of a request has arrived. */
    void onHead() {
        bytes = 0;
        readNanos = 0;
        wasReading = false;
    }

    void onBody(int length) {
        bytes += length;
    }

    /**
     * Returns whether a window has ended in which the body arrived too slowly. Call at each tick while the body is
     * incomplete.
     *
     * @param reading whether data from the client is read as it arrives; false while backpressure stops reading
     * @param minimum in bytes per second; 0 for none
     */
    boolean isTooLow(long nowNanos, boolean reading, int minimum, long windowNanos) {
        if (reading && wasReading) {
            readNanos += nowNanos - lastTickNanos;
        }
        wasReading = reading;
        lastTickNanos = nowNanos;
        if (readNanos < windowNanos) {
            return false;
        }
        boolean tooLow = bytes < minimum * (readNanos / (double) TimeUnit.SECONDS.toNanos(1));
        bytes = 0;
        readNanos = 0;
        return tooLow;
    }
}

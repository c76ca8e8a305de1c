package io.crowfly.balancer.listener;

/*
 * The clock of the first head runs from the opening of the connection, TLS handshake included. The clock of a later
 * head starts when a part of the head has been received, because until then the connection is idle, which the idle
 * timeout limits. The decoder is only queried at the ticks of the TimeoutSweep, so no request pays for a timer, and a
 * clock may start a tick late.
 */

/** Clock of the request head that a client is sending. Confined to the loop of its connection. */
final class HeadTimeout {

    private RequestDecoder decoder;
    private boolean running = true;
    private long sinceNanos;

    /** @param openedNanos {@link System#nanoTime} at which the connection was opened */
    HeadTimeout(RequestDecoder decoder, long openedNanos) {
        this.decoder = decoder;
        sinceNanos = openedNanos;
    }

    /** Another decoder has replaced the decoder of the connection. Call only between two requests. */
    void useDecoder(RequestDecoder successor) {
        decoder = successor;
    }

    /** A head is complete, or invalid. */
    void onHead() {
        running = false;
    }

    /** Returns whether the head is overdue. Call at each tick at which a head may arrive, and only then. */
    boolean isExpired(long nowNanos, long timeoutNanos) {
        if (!running && decoder.isInsideHead()) {
            running = true;
            sinceNanos = nowNanos;
        }
        return running && nowNanos - sinceNanos > timeoutNanos;
    }

    /** Returns whether a part of the head has been received, so that the client awaits a response. */
    boolean hasBegun() {
        return decoder.isInsideHead();
    }
}

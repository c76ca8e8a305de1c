package io.crowfly.balancer.listener;

import io.netty.channel.ChannelPipeline;

/*
 * The clock of the first head runs from the opening of the connection, TLS handshake included. The clock of a later
 * head starts when a part of the head has been received. Until then the connection is idle, which the idle timeout
 * limits. The decoder is only queried at the ticks of the TimeoutSweep, because a timer per request would cost more. So
 * a clock may start a tick late.
 */

/**
 * Reception of the request heads of one connection: limits the time of an incomplete head, and releases the memory of a
 * long one. Confined to the loop of its connection.
 */
final class HeadReception {

    private RequestDecoder decoder;
    private boolean clockRuns = true;
    private long sinceNanos;

    /** @param openedNanos {@link System#nanoTime} at which the connection was opened */
    HeadReception(RequestDecoder decoder, long openedNanos) {
        this.decoder = decoder;
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
        return decoder.isInsideHead();
    }

    /** Replaces the decoder if its memory for a long head is not needed any more. Call only between two requests. */
    void releaseLongHead(ChannelPipeline pipeline) {
        if (decoder.hasFinishedLongHead()) {
            RequestDecoder successor = decoder.successor();
            pipeline.replace(decoder, null, successor);
            decoder = successor;
        }
    }
}

package io.crowfly.balancer.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Clock of a connection without a request. A part of the last response may be unsent, because the client reads slowly.
 * As long as that part shrinks, the connection is not idle. Confined to the loop of its connection.
 */
final class IdleClock {

    private final Channel channel;
    private long sinceNanos = System.nanoTime();

    /** Bytes for the client that were unsent at the last check. */
    private long unsentBytes;

    IdleClock(Channel channel) {
        this.channel = channel;
    }

    /** A request has ended. */
    void restart() {
        sinceNanos = System.nanoTime();
    }

    /** Returns for how long the connection has been idle. Call at each tick while there is no request. */
    long idleNanos(long nowNanos) {
        long unsent = unsentBytes();
        if (unsent != unsentBytes) {
            unsentBytes = unsent;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos;
    }

    /** Returns how many bytes for the client are unsent now. */
    long unsentBytes() {
        // The buffer is absent once the channel is closed.
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Returns whether a part of the last response was unsent at the last check. */
    boolean hasUnsentBytes() {
        return unsentBytes > 0;
    }
}

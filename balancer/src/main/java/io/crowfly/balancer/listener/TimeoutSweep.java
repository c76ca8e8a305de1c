package io.crowfly.balancer.listener;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Timeouts almost never come to pass, so nothing is paid for them by request or by byte: a connection is entered once and
 * looked at again and again. A timer per request would cost a heap operation and an object each, and twice that to cancel.
 *
 * Those that wait for a backend are looked at often: whether a first token is late is told in milliseconds. The others, token
 * streams under way among them, are passed over then (10,000 of them in 17 µs, which comes to a thousandth of a loop's time), and have their turn ten times a
 * second.
 */

/** Looks at every client connection of one loop, again and again, so that lateness is noticed. Confined to the loop. */
public final class TimeoutSweep {

    private static final Logger LOG = LoggerFactory.getLogger(TimeoutSweep.class);

    /** How late it may be noticed that a backend is late: a tenth of the quickest models' first tokens. */
    private static final long TICK_MILLIS = 20;

    /** Every so many looks all connections have one. */
    private static final int TICKS_PER_FULL_SWEEP = 5;

    private int ticks;

    private final List<ClientConnection> connections = new ArrayList<>();

    /** To be called on any thread, once. */
    public void start(EventLoop loop) {
        loop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void add(ClientConnection connection) {
        connection.sweepIndex = connections.size();
        connections.add(connection);
    }

    void remove(ClientConnection connection) {
        ClientConnection last = connections.remove(connections.size() - 1);
        if (last != connection) {
            connections.set(connection.sweepIndex, last);
            last.sweepIndex = connection.sweepIndex;
        }
    }

    /** The loop's connections as they are now; a copy, since looking at one may end it. */
    List<ClientConnection> connections() {
        return List.copyOf(connections);
    }

    private void tick() {
        long now = System.nanoTime();
        boolean fullSweep = ++ticks % TICKS_PER_FULL_SWEEP == 0;
        // From the back: what ends is replaced by one that has been looked at.
        for (int i = connections.size() - 1; i >= 0; i--) {
            if (i < connections.size() && (fullSweep || connections.get(i).needsFrequentTicks())) {
                tickConnection(connections.get(i), now);
            }
        }
    }

    /** A fault in one look must not end all looks: a scheduled task that throws is never run again. */
    private static void tickConnection(ClientConnection connection, long now) {
        try {
            connection.onTick(now);
        } catch (RuntimeException e) {
            LOG.error("a fault of our own ended a client's connection", e);
            connection.close();
        }
    }
}

package io.crowfly.balancer.listener;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Timeouts are rare, so requests and bytes must not pay for them: a connection is registered once and checked
 * periodically. A timer per request would cost a heap operation and an object, and twice that to cancel.
 *
 * Connections whose request is sent to a backend and has no response yet are checked at every tick, because a late
 * first token must be noticed within milliseconds. All others, including token streams in progress, are skipped (10,000
 * of them in 17 µs, about a thousandth of a loop's time) and checked ten times per second. A fifth of them is checked
 * at each tick. Otherwise thousands of connections that were opened together would be closed at one tick, while other
 * requests wait.
 */

/** Periodic check of all client connections of one loop for timeouts. Confined to the loop. */
public final class TimeoutSweep {

    private static final Logger LOG = LoggerFactory.getLogger(TimeoutSweep.class);

    /** The longest delay until a late backend is noticed: a tenth of the time to first token of the fastest models. */
    private static final long TICK_MILLIS = 20;

    /** Number of ticks in a sweep. Each connection is fully checked once per sweep. */
    private static final int TICKS_PER_SWEEP = 5;

    /** Number of the current tick in its sweep, from 0. */
    private int phase;

    private final List<ClientConnection> connections = new ArrayList<>();

    private volatile Optional<EventLoop> loop = Optional.empty();

    /** The ticks; empty while there is no connection, because a loop without connections should sleep. */
    private Optional<Future<?>> ticks = Optional.empty();

    /** Starts the checks. Any thread; call once, before the first connection. */
    public void start(EventLoop ofConnections) {
        loop = Optional.of(ofConnections);
    }

    void add(ClientConnection connection) {
        connection.sweepIndex = connections.size();
        connections.add(connection);
        if (ticks.isEmpty()) {
            ticks = loop.map(
                    known -> known.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS));
        }
    }

    void remove(ClientConnection connection) {
        ClientConnection last = connections.remove(connections.size() - 1);
        if (last != connection) {
            connections.set(connection.sweepIndex, last);
            last.sweepIndex = connection.sweepIndex;
        }
    }

    /** Returns a copy of the list of connections. A copy, because a check may close and remove a connection. */
    List<ClientConnection> connections() {
        return List.copyOf(connections);
    }

    private void tick() {
        if (connections.isEmpty()) {
            ticks.ifPresent(running -> running.cancel(false));
            ticks = Optional.empty();
            return;
        }
        long now = System.nanoTime();
        phase = (phase + 1) % TICKS_PER_SWEEP;
        // From the end of the list, because a removed connection is replaced by one that has been checked already.
        for (int i = connections.size() - 1; i >= 0; i--) {
            if (i < connections.size()) {
                tickConnection(connections.get(i), i % TICKS_PER_SWEEP == phase, now);
            }
        }
    }

    /**
     * Checks one connection. An exception, or a failed allocation, closes only this connection: a scheduled task that
     * throws would never run again.
     */
    private static void tickConnection(ClientConnection connection, boolean fully, long now) {
        try {
            if (fully) {
                connection.onSlowTick(now);
            } else if (connection.needsFrequentTicks()) {
                connection.onTick(now);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("an internal error closed a client connection", e);
            connection.close();
        }
    }
}

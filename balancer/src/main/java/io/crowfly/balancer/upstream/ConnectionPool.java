package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.upstream.Connector.Connected;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Last in, first out: under light load the same few connections stay warm, and the others expire. The number of
 * connections has no limit here, because the number of clients is limited and each of their exchanges has at most one
 * connection.
 */

/**
 * Pool of the idle connections from one event loop to one backend. Gives out idle connections, opens new ones, and
 * closes those that are idle for too long. Confined to the event loop.
 */
final class ConnectionPool {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /**
     * Maximum idle time of a connection. Azure's front door drops connections after four idle minutes without a notice,
     * and a request sent over such a connection hangs. The pool closes connections long before.
     */
    private static final int MAX_IDLE_SECONDS = 90;

    private static final int EXPIRY_CHECK_SECONDS = 10;

    private static final int MAX_PAUSE_AHEAD = 60;

    private final EventLoop loop;
    private final Connector connector;
    private final ArrayDeque<Http1Connection> idleConnections = new ArrayDeque<>();
    private boolean retired;
    private boolean expiryScheduled;
    private boolean openingAhead;

    /** Calls of {@link #openAhead} to skip after the next connection that it opens. */
    private int pauseAhead;

    private int skippedAhead;

    ConnectionPool(EventLoop loop, Connector connector) {
        this.loop = loop;
        this.connector = connector;
    }

    void open(boolean fresh, Duration connectTimeout, UpstreamEvents events) {
        pauseAhead = 0;
        if (!fresh) {
            for (Http1Connection connection; (connection = idleConnections.pollLast()) != null; ) {
                if (connection.isUsable() && hasPresentAddress(connection)) {
                    connection.startStream(events, true);
                    return;
                }
                connection.close();
            }
        }
        connector.connect(loop, connectTimeout, connected -> startStream(connected, events), events::onFailure);
    }

    /**
     * Opens a connection before a request needs one, unless there is an idle one already. Call it once per second. A
     * failure is not reported, because probes report it. Without requests, the time until another connection is opened
     * doubles each time, up to a minute: the backend may close idle connections at once.
     */
    void openAhead(Duration connectTimeout) {
        while (hasIdle() && !hasPresentAddress(idleConnections.peekLast())) {
            idleConnections.pollLast().close(); // no request will use it
        }
        if (retired || openingAhead || hasIdle() || skippedAhead++ < pauseAhead) {
            return;
        }
        openingAhead = true;
        skippedAhead = 0;
        pauseAhead = Math.min(MAX_PAUSE_AHEAD, 2 * pauseAhead + 1);
        connector.connect(
                loop,
                connectTimeout,
                connected -> {
                    openingAhead = false;
                    returnToPool(newConnection(connected));
                },
                failure -> openingAhead = false);
    }

    /** Returns whether the host still has the address of a connection. */
    private boolean hasPresentAddress(Http1Connection connection) {
        HostAddresses.Snapshot present = connector.addresses().snapshot();
        if (connection.checkedAddresses != present) {
            if (!present.usable().contains(connection.address())) {
                return false;
            }
            connection.checkedAddresses = present;
        }
        return true;
    }

    boolean hasIdle() {
        return !idleConnections.isEmpty();
    }

    private void startStream(Connected connected, UpstreamEvents events) {
        Http1Connection connection = newConnection(connected);
        try {
            connection.startStream(events, false);
        } catch (RuntimeException | OutOfMemoryError e) {
            // The failure must be reported to the exchange here, because nothing else would end the exchange.
            LOG.error("an internal error ended a request", e);
            connection.close();
            events.onFailure(new UpstreamFailure(Kind.BAD_RESPONSE, "internal error"));
        }
    }

    private Http1Connection newConnection(Connected connected) {
        ResponseDecoder decoder = new ResponseDecoder();
        Http1Connection connection = new Http1Connection(connected, this, decoder);
        connected.channel().pipeline().addLast(decoder, new HttpRequestEncoder(), connection);
        return connection;
    }

    void returnToPool(Http1Connection connection) {
        if (retired) {
            connection.close();
            return;
        }
        connection.setReading(true);
        connection.idleChecks = 0;
        idleConnections.addLast(connection);
        if (!expiryScheduled) {
            expiryScheduled = true;
            loop.schedule(this::closeExpired, EXPIRY_CHECK_SECONDS, TimeUnit.SECONDS);
        }
    }

    void remove(Http1Connection connection) {
        idleConnections.remove(connection);
    }

    /** Closes idle connections now, and each other connection when it is returned. */
    void retire() {
        retired = true;
        idleConnections.forEach(Http1Connection::close);
        idleConnections.clear();
    }

    private void closeExpired() {
        // Checks are counted because a look at the clock for each request would cost more.
        for (Http1Connection connection : idleConnections) {
            connection.idleChecks++;
        }
        // The connections that have been idle longest are at the front.
        while (!idleConnections.isEmpty()
                && idleConnections.peekFirst().idleChecks >= MAX_IDLE_SECONDS / EXPIRY_CHECK_SECONDS) {
            idleConnections.pollFirst().close();
        }
        expiryScheduled = !idleConnections.isEmpty();
        if (expiryScheduled) {
            loop.schedule(this::closeExpired, EXPIRY_CHECK_SECONDS, TimeUnit.SECONDS);
        }
    }
}

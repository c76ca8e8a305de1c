package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.upstream.Connector.Connected;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Last in, first out: under light load the same few connections stay warm and the rest age out. There is no upper bound:
 * clients are bounded, and each of their exchanges has one connection at the most.
 */

/** The idle connections of one loop to one backend, and the making of new ones. Confined to the loop. */
final class ConnectionPool {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /**
     * Azure's front door drops what has been idle for four minutes without saying so, and a request sent into such a
     * connection hangs; well before that we close it ourselves.
     */
    private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(90);

    private static final long EXPIRY_CHECK_SECONDS = 10;

    private final EventLoop loop;
    private final Connector connector;
    private final ArrayDeque<Http1Connection> idleConnections = new ArrayDeque<>();
    private boolean retired;
    private boolean expiryScheduled;

    ConnectionPool(EventLoop loop, Connector connector) {
        this.loop = loop;
        this.connector = connector;
    }

    void open(boolean fresh, Duration connectTimeout, UpstreamEvents events) {
        if (!fresh) {
            for (Http1Connection connection; (connection = idleConnections.pollLast()) != null; ) {
                if (connection.isUsable()) {
                    connection.startStream(events, true);
                    return;
                }
            }
        }
        connector.connect(loop, connectTimeout, connected -> startStream(connected, events), events::onFailure);
    }

    boolean hasIdle() {
        return !idleConnections.isEmpty();
    }

    private void startStream(Connected connected, UpstreamEvents events) {
        Http1Connection connection = newConnection(connected);
        try {
            connection.startStream(events, false);
        } catch (RuntimeException e) {
            // Nobody further down would tell the exchange, and it would wait for ever.
            LOG.error("a fault of our own ended a request", e);
            connection.close();
            events.onFailure(new UpstreamFailure(Kind.BAD_RESPONSE, "a fault of our own"));
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
        connection.idleSince(System.nanoTime());
        idleConnections.addLast(connection);
        if (!expiryScheduled) {
            expiryScheduled = true;
            loop.schedule(this::closeExpired, EXPIRY_CHECK_SECONDS, TimeUnit.SECONDS);
        }
    }

    void remove(Http1Connection connection) {
        idleConnections.remove(connection);
    }

    /** Closes what is idle, and from here on whatever comes back. */
    void retire() {
        retired = true;
        idleConnections.forEach(Http1Connection::close);
        idleConnections.clear();
    }

    private void closeExpired() {
        long now = System.nanoTime();
        // The oldest stand first.
        while (!idleConnections.isEmpty() && now - idleConnections.peekFirst().idleSinceNanos() > MAX_IDLE_NANOS) {
            idleConnections.pollFirst().close();
        }
        expiryScheduled = !idleConnections.isEmpty();
        if (expiryScheduled) {
            loop.schedule(this::closeExpired, EXPIRY_CHECK_SECONDS, TimeUnit.SECONDS);
        }
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.exchange.UpstreamEvents;
import io.crowfly.balancer.exchange.UpstreamFailure;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
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

    private static final long SWEEP_SECONDS = 10;

    private final EventLoop loop;
    private final Connector connector;
    private final ArrayDeque<Http1Connection> idle = new ArrayDeque<>();
    private boolean retired;
    private boolean sweeping;

    ConnectionPool(EventLoop loop, Connector connector) {
        this.loop = loop;
        this.connector = connector;
    }

    void open(boolean fresh, Duration connectTimeout, UpstreamEvents events) {
        if (!fresh) {
            for (Http1Connection connection; (connection = idle.pollLast()) != null; ) {
                if (connection.isUsable()) {
                    connection.lend(events, true);
                    return;
                }
            }
        }
        connector.connect(loop, connectTimeout, connected -> begin(connected, events), events::onFailure);
    }

    boolean hasIdle() {
        return !idle.isEmpty();
    }

    private void begin(Connected connected, UpstreamEvents events) {
        Http1Connection connection = adopt(connected);
        try {
            connection.lend(events, false);
        } catch (RuntimeException e) {
            // Nobody further down would tell the exchange, and it would wait for ever.
            LOG.error("a fault of our own ended a request", e);
            connection.close();
            events.onFailure(new UpstreamFailure(Kind.BAD_ANSWER, "a fault of our own"));
        }
    }

    private Http1Connection adopt(Connected connected) {
        ResponseDecoder decoder = new ResponseDecoder();
        Http1Connection connection = new Http1Connection(connected, this, decoder);
        connected.channel().pipeline().addLast(decoder, new HttpRequestEncoder(), connection);
        return connection;
    }

    void giveBack(Http1Connection connection) {
        if (retired) {
            connection.close();
            return;
        }
        connection.setReading(true);
        connection.idleSince(System.nanoTime());
        idle.addLast(connection);
        if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    void forget(Http1Connection connection) {
        idle.remove(connection);
    }

    /** Closes what is idle, and from here on whatever comes back. */
    void retire() {
        retired = true;
        idle.forEach(Http1Connection::close);
        idle.clear();
    }

    private void sweep() {
        long now = System.nanoTime();
        // The oldest stand first.
        while (!idle.isEmpty() && now - idle.peekFirst().idleSinceNanos() > MAX_IDLE_NANOS) {
            idle.pollFirst().close();
        }
        sweeping = !idle.isEmpty();
        if (sweeping) {
            loop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }
}

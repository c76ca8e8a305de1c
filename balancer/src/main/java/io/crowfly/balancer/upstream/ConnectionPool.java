package io.crowfly.balancer.upstream;

import io.crowfly.balancer.exchange.UpstreamEvents;
import io.crowfly.balancer.upstream.Connector.Connected;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/*
 * Last in, first out: under light load the same few connections stay warm and the rest age out. There is no upper bound:
 * clients are bounded, and each of their exchanges has one connection at the most.
 */

/** The idle connections of one loop to one backend, and the making of new ones. Confined to the loop. */
final class ConnectionPool {

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
        connector.connect(loop, connectTimeout, connected -> adopt(connected).lend(events, false), events::onFailure);
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
        idle.addLast(connection);
        if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    void forget(Http1Connection connection) {
        // Almost always in use, and so not here; a scan of the few idle ones is cheaper than keeping places.
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

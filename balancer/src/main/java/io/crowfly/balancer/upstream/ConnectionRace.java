package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.upstream.Connector.Connected;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * The first address whose TCP connection is established wins, and the other attempts are closed. If TLS then fails, the
 * race continues with the other addresses. TLS itself is no part of the race, because a handshake with a distant
 * backend takes longer than the delay between two attempts.
 */

/**
 * Race of connections to the addresses of one host, "Happy Eyeballs" of RFC 8305: the next attempt starts when the last
 * one has failed or has lasted for 250 ms. Confined to one event loop.
 */
final class ConnectionRace {

    /** The Connection Attempt Delay that RFC 8305, section 5, recommends. */
    private static final long ATTEMPT_DELAY_MILLIS = 250;

    private final EventLoop loop;
    private final HostAddresses addresses;
    private final Opener opener;
    private final long deadlineNanos;
    private final Consumer<Connected> whenConnected;
    private final Consumer<UpstreamFailure> whenFailed;

    private final Queue<InetAddress> remaining;
    private final List<Attempt> inProgress = new ArrayList<>(2);
    private @Nullable Future<?> nextStart;
    private int failedCount;
    private UpstreamFailure failure = new UpstreamFailure(Kind.CONNECT, "no address");

    /** Opener of one TCP connection, with a handler for TLS if the URL is {@code https}. */
    interface Opener {

        ChannelFuture open(InetAddress address, Duration timeout);
    }

    private record Attempt(InetAddress address, long startedNanos, ChannelFuture connect) {}

    /**
     * @param list the addresses to try, in this order; at least one
     * @param whenConnected receives the connection, unless {@code whenFailed} receives the failure
     */
    ConnectionRace(
            EventLoop loop,
            HostAddresses addresses,
            Collection<InetAddress> list,
            Opener opener,
            long deadlineNanos,
            Consumer<Connected> whenConnected,
            Consumer<UpstreamFailure> whenFailed) {
        this.loop = loop;
        this.addresses = addresses;
        this.remaining = new ArrayDeque<>(list);
        this.opener = opener;
        this.deadlineNanos = deadlineNanos;
        this.whenConnected = whenConnected;
        this.whenFailed = whenFailed;
    }

    void startNext() {
        cancelNextStart();
        InetAddress address = remaining.remove();
        long now = System.nanoTime();
        Attempt attempt =
                new Attempt(address, now, opener.open(address, Duration.ofNanos(Math.max(1, deadlineNanos - now))));
        inProgress.add(attempt);
        if (!remaining.isEmpty()) {
            nextStart = loop.schedule(this::startNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
        attempt.connect().addListener(result -> onConnectResult(attempt, result));
    }

    private void onConnectResult(Attempt attempt, Future<?> result) {
        if (!inProgress.remove(attempt)) {
            attempt.connect().channel().close(); // another address was faster
        } else if (result.isSuccess()) {
            onConnected(attempt);
        } else {
            onFailed(attempt, UpstreamFailures.ofConnect(result.cause()));
        }
    }

    private void onFailed(Attempt attempt, UpstreamFailure cause) {
        failedCount++;
        failure = cause;
        addresses.recordFailed(attempt.address());
        if (!remaining.isEmpty() && System.nanoTime() - deadlineNanos < 0) {
            startNext();
        } else if (inProgress.isEmpty()) {
            cancelNextStart();
            addresses.recordNoneWorks();
            whenFailed.accept(
                    failedCount == 1
                            ? failure
                            : new UpstreamFailure(
                                    failure.kind(),
                                    failure.reason() + " at the last of " + failedCount + " addresses"));
        }
    }

    private void onConnected(Attempt attempt) {
        cancelNextStart();
        List<Attempt> slower = List.copyOf(inProgress);
        inProgress.clear();
        for (Attempt other : slower) {
            if (other.startedNanos() < attempt.startedNanos()) {
                addresses.recordFailed(other.address()); // no response, although it had more time
            }
            remaining.add(other.address());
            other.connect().channel().close();
        }
        Channel channel = attempt.connect().channel();
        long connectedNanos = System.nanoTime();
        long connectNanos = connectedNanos - attempt.startedNanos();
        SslHandler tlsHandler = channel.pipeline().get(SslHandler.class);
        if (tlsHandler == null) {
            addresses.recordConnected(attempt.address());
            whenConnected.accept(new Connected(channel, attempt.address(), connectNanos, 0));
            return;
        }
        tlsHandler.handshakeFuture().addListener(result -> {
            if (result.isSuccess()) {
                channel.pipeline().remove(HandshakeFailureHandler.class);
                addresses.recordConnected(attempt.address());
                whenConnected.accept(new Connected(
                        channel, attempt.address(), connectNanos, Math.max(1, System.nanoTime() - connectedNanos)));
            } else {
                channel.close();
                onFailed(attempt, UpstreamFailures.ofHandshake(result.cause()));
            }
        });
    }

    private void cancelNextStart() {
        if (nextStart != null) {
            nextStart.cancel(false);
            nextStart = null;
        }
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.Attempts;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.conf.Timeouts;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Timeouts of one exchange, which each tick checks: {@code timeouts.idle}, except while a backend's response is
 * awaited, because the attempts have timeouts of their own. Keeps a silent token stream open as well, by an {@link
 * EarlyHead} before the response and by comments in the response. Created at the first tick, because most exchanges are
 * over before. Confined to the exchange's event loop.
 */
final class ExchangeTimeouts {

    private final Exchange exchange;

    /** Present after {@code timeouts.commit} has passed without a token. */
    private @Nullable EarlyHead earlyHead;

    private long lastTransferNanos;
    private long lastKeepaliveNanos;
    private boolean slowTicks;

    ExchangeTimeouts(Exchange exchange) {
        this.exchange = exchange;
        lastTransferNanos = exchange.recorder.startedNanos();
        lastKeepaliveNanos = lastTransferNanos;
    }

    /** Returns whether the client has received the head of a token stream that belongs to no attempt. */
    boolean hasEarlyHead() {
        return earlyHead != null;
    }

    /** See {@link Exchange#allowsSlowTicks}. */
    boolean allowsSlowTicks() {
        return slowTicks;
    }

    private Timeouts conf() {
        return exchange.snapshot.conf().timeouts();
    }

    /**
     * Checks the timeouts. Call only before the exchange has ended.
     *
     * @param attempts null if no attempt was started yet
     * @param bytesMoved whether data was transferred since the last tick. So the clock is read once per tick and not
     *     once per transfer
     */
    void onTick(@Nullable Attempts attempts, boolean bytesMoved, long nowNanos) {
        if (bytesMoved) {
            lastTransferNanos = nowNanos;
        }
        if (attempts != null && awaitsBackend(attempts, nowNanos)) {
            // The idle timeout starts anew when the wait for a backend ends.
            lastTransferNanos = nowNanos;
        } else if (!exchange.hasEnded()) {
            if (attempts != null) {
                sendKeepalive(attempts, nowNanos);
                slowTicks = exchange.isResponding() && !attempts.awaitsFirstToken();
            }
            checkIdle(attempts, nowNanos - lastTransferNanos);
        }
    }

    private boolean awaitsBackend(Attempts attempts, long nowNanos) {
        boolean awaited = attempts.onTick(nowNanos);
        if (exchange.hasEnded() || exchange.isResponding()) {
            return awaited;
        }
        if (earlyHead != null) {
            earlyHead.onTick(nowNanos);
        } else {
            Optional<EarlyHead> sent = EarlyHead.sendIfDue(exchange.request, exchange.downstream, conf(), nowNanos);
            sent.ifPresent(head -> exchange.recorder.onEarlyHead());
            earlyHead = sent.orElse(null);
        }
        return awaited;
    }

    /**
     * Sends a comment, which clients ignore, so that no proxy on the path closes the connection while the model is
     * silent.
     */
    private void sendKeepalive(Attempts attempts, long nowNanos) {
        Downstream downstream = exchange.downstream;
        long silence = conf().keepalive().toNanos();
        if (exchange.isResponding()
                && silence > 0
                && nowNanos - Math.max(lastTransferNanos, lastKeepaliveNanos) > silence
                && downstream.isWritable()
                && attempts.mayInsertEvent()) {
            lastKeepaliveNanos = nowNanos;
            downstream.sendBody(EarlyHead.comment());
            downstream.flush();
        }
    }

    private void checkIdle(@Nullable Attempts attempts, long idleNanos) {
        if (idleNanos > conf().idle().toNanos()) {
            onIdleTimeout(attempts);
        } else if (idleNanos > Exchanges.SLOW_PEER_NANOS && exchange.exchanges.isShortOfMemory()) {
            freeMemory(attempts);
        }
    }

    private void onIdleTimeout(@Nullable Attempts attempts) {
        if (exchange.switchedProtocols()) {
            // An idle WebSocket is not an error of either side.
            exchange.recorder.onEndedByClient();
            exchange.onResponseBroken("idle timeout");
            return;
        }
        boolean clientIsSlow = !exchange.request.ended()
                && (attempts == null || attempts.relay().isBackendWritable());
        if (attempts != null && !clientIsSlow && exchange.downstream.isWritable()) {
            attempts.onIdleTimeout();
        }
        exchange.fail(clientIsSlow ? ErrorResponse.bodyTimeout() : ErrorResponse.upstreamTimeout(), "idle timeout");
    }

    /**
     * Drops the data that waits for a peer: for one that does not read, or for a client that does not send the rest.
     */
    private void freeMemory(@Nullable Attempts attempts) {
        if (!exchange.downstream.isWritable()) {
            exchange.disconnect("the client did not read while direct memory was short");
        } else if (attempts != null && !attempts.relay().isBackendWritable()) {
            exchange.fail(ErrorResponse.overloaded(), "the backend did not read while direct memory was short");
        } else if (attempts != null) {
            attempts.relay().onMemoryShortage();
        }
    }
}

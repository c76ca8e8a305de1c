package io.crowfly.balancer.exchange;

import io.crowfly.conf.Limits;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/*
 * How long it lasts is up to the conf and the client: not at all where models decide nothing, to the first bytes where the
 * model stands there, to the last ones where it stands behind the prompt. Whoever has to hold much takes all the memory that it
 * may need at once, and is not read from until there is as much: were it taken bit by bit, a hundred half bodies could fill it
 * and none would ever be whole. Bodies of up to a MiB, whose length is often not told, may have half of the memory together; the
 * other half is enough for a large one, so that there is always one that comes to its end.
 */

/** The beginning of an exchange: its body comes and is held, and it is not known yet where it goes. Confined to its loop. */
final class Intake {

    private final Exchange exchange;
    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final Limits limits;
    private final long startedNanos = System.nanoTime();

    /** The body has said where it goes, but for what it refers to: where that is kept is being found out, or has been. */
    private boolean looking;

    /** No more of the body is read, for want of memory to hold it. */
    private boolean stalled;

    Intake(Exchange exchange, Exchanges exchanges, Snapshot snapshot, Request request, Downstream downstream) {
        this.exchange = exchange;
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.request = request;
        this.downstream = downstream;
        limits = snapshot.conf().limits();
    }

    /**
     * Its body is what the client says first of all over a WebSocket.
     *
     * @return whether it asks for one properly
     */
    boolean openWebSocket() {
        HttpHeaders answer = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        answer.set(RequestIds.HEADER, request.id);
        return downstream.openWebSocket(request.head.headers(), answer, limits.heldSize(), this::reserveFrame);
    }

    /** Behind the pieces before it; and twice, since it is put together and then copied. */
    private boolean reserveFrame(long bytes) {
        return exchange.isChoosing() && request.held.reserve(request.held.bytes() + 2 * bytes, limits.heldTotal());
    }

    /** More of the body is held, or all of it. */
    void onMore() {
        boolean byModel = snapshot.table().needsModel();
        boolean byReferences = !snapshot.alone();
        boolean full = request.held.bytes() > limits.heldSize();
        if (request.isTooDeep()) {
            exchange.fail(ErrorAnswer.tooDeep(), "nested too deep");
        } else if (!looking && request.isDecided(byModel, byReferences && !full)) {
            // What a large body refers to mostly stands before what makes it large.
            Optional<ErrorAnswer> fault = request.modelFault(byModel);
            if (fault.isPresent()) {
                exchange.fail(fault.get(), fault.get().code());
            } else {
                find();
            }
        } else if (!looking && full) {
            exchange.fail(ErrorAnswer.modelTooFar(limits.heldSize()), "no model within limits.held-size");
        } else {
            stall(isFull());
        }
    }

    void onTick(long nowNanos) {
        if (stalled) {
            stall(isFull());
        }
        if (!looking
                && nowNanos - startedNanos > snapshot.conf().timeouts().body().toNanos()) {
            if (stalled) {
                exchange.fail(ErrorAnswer.noMemory(), "no memory within limits.held-total");
            } else {
                exchange.fail(ErrorAnswer.bodyTimeout(), "no model within timeouts.body");
            }
        }
    }

    private boolean isFull() {
        return looking && request.held.bytes() > limits.heldSize() || !request.mayHoldMore(limits);
    }

    private void stall(boolean stalls) {
        if (stalls != stalled) {
            stalled = stalls;
            downstream.setReading(!stalls);
        }
    }

    private void find() {
        looking = true;
        HomeSearch.find(request, snapshot, exchanges.executor, this::send, this::sendLater);
    }

    private void send(Home home) {
        stall(false);
        exchange.send(home);
    }

    /** Nobody's read is under way, at whose end there would be a flush. */
    private void sendLater(Home home) {
        if (!exchange.hasEnded()) {
            send(home);
            exchange.flush();
        }
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestIds;
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
final class RequestInspection {

    private final Exchange exchange;
    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final Limits limits;
    private final long startedNanos = System.nanoTime();

    /** The body has said where it goes, but for what it refers to: where that is kept is being found out, or has been. */
    private boolean lookingUpOwner;

    /** No more of the body is read, for want of memory to hold it. */
    private boolean stalled;

    RequestInspection(
            Exchange exchange, Exchanges exchanges, Snapshot snapshot, Request request, Downstream downstream) {
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
        HttpHeaders responseHeaders = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        responseHeaders.set(RequestIds.HEADER, request.id);
        return downstream.openWebSocket(request.head.headers(), responseHeaders, limits.heldSize(), this::reserveFrame);
    }

    /** Behind the pieces before it; and twice, since it is put together and then copied. */
    private boolean reserveFrame(long bytes) {
        return exchange.isInspecting() && request.held.reserve(request.held.bytes() + 2 * bytes, limits.heldTotal());
    }

    /** More of the body is held, or all of it. */
    void onMoreBody() {
        boolean byModel = snapshot.table().needsModel();
        boolean byReferences = !snapshot.hasSingleBackend();
        boolean full = request.held.bytes() > limits.heldSize();
        if (request.isTooDeep()) {
            exchange.fail(ErrorResponse.tooDeep(), "nested too deep");
        } else if (!lookingUpOwner && request.isDecided(byModel, byReferences && !full)) {
            // What a large body refers to mostly stands before what makes it large.
            Optional<ErrorResponse> fault = request.modelError(byModel);
            if (fault.isPresent()) {
                exchange.fail(fault.get(), fault.get().code());
            } else {
                lookUpOwner();
            }
        } else if (!lookingUpOwner && full) {
            exchange.fail(ErrorResponse.modelTooFar(limits.heldSize()), "no model within limits.held-size");
        } else {
            setStalled(isFull());
        }
    }

    void onTick(long nowNanos) {
        if (stalled) {
            setStalled(isFull());
        }
        if (!lookingUpOwner
                && nowNanos - startedNanos > snapshot.conf().timeouts().body().toNanos()) {
            if (stalled) {
                exchange.fail(ErrorResponse.noMemory(), "no memory within limits.held-total");
            } else {
                exchange.fail(ErrorResponse.bodyTimeout(), "no model within timeouts.body");
            }
        }
    }

    private boolean isFull() {
        return lookingUpOwner && request.held.bytes() > limits.heldSize() || !request.mayHoldMore(limits);
    }

    private void setStalled(boolean newStalled) {
        if (newStalled != stalled) {
            stalled = newStalled;
            downstream.setReading(!newStalled);
        }
    }

    private void lookUpOwner() {
        lookingUpOwner = true;
        OwnerLookup.find(
                request, snapshot, exchanges.attemptContext.executor(), this::startAttempts, this::startAttemptsLater);
    }

    private void startAttempts(Owner owner) {
        setStalled(false);
        exchange.startAttempts(owner);
    }

    /** Nobody's read is under way, at whose end there would be a flush. */
    private void startAttemptsLater(Owner owner) {
        if (!exchange.hasEnded()) {
            startAttempts(owner);
            exchange.flush();
        }
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.HeldBody;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.conf.Limits;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/*
 * Routing may need the request's model. If no rule and no backend depends on the model, this stage ends at once.
 * Otherwise it ends when the scanner has found the model or the body is complete.
 *
 * A large body reserves all the memory that it may need at once, and is not read until that memory is available. If
 * memory were reserved in small steps, a hundred incomplete bodies could fill it and none would ever be complete.
 * Bodies of up to 1 MiB, whose length is often unknown, may use half of the memory together. The other half is enough
 * for one large body, so that at least one body can always be completed.
 */

/**
 * First stage of an exchange: receives and holds the request's body until routing is possible, then looks up the owner
 * and starts the attempts. Confined to the exchange's event loop.
 */
final class RequestInspection {

    /** How long an unreserved body may be incomplete while the direct memory of the JVM is short. */
    private static final long SHORTAGE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Exchange exchange;

    /** Whether the owner lookup has begun. It begins when the body read so far contains all that routing needs. */
    private boolean lookingUpOwner;

    /** Whether reading the body is paused because there is no memory to hold more of it. */
    private boolean stalled;

    RequestInspection(Exchange exchange) {
        this.exchange = exchange;
    }

    /**
     * Opens the WebSocket with the client, whose first message becomes the request's body.
     *
     * @return whether the client's handshake was valid
     */
    boolean openWebSocket() {
        Request request = exchange.request;
        HttpHeaders responseHeaders = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        responseHeaders.set(RequestIds.HEADER, request.id);
        return exchange.downstream.openWebSocket(
                request.head.headers(), responseHeaders, limits().heldSize(), this::reserveFrame);
    }

    /**
     * Reserves memory for a WebSocket frame in addition to the held pieces: twice the frame's size, because the frame
     * is assembled and then copied.
     *
     * @return whether the memory was available
     */
    private boolean reserveFrame(long bytes) {
        HeldBody held = exchange.request.held;
        return exchange.isInspecting() && held.reserve(held.bytes() + 2 * bytes, limits().heldTotal());
    }

    /** Called when more of the body is held, or the body is complete. */
    void onMoreBody() {
        Request request = exchange.request;
        Snapshot snapshot = exchange.snapshot;
        Limits limits = limits();
        boolean byModel = snapshot.table().needsModel();
        boolean byReferences = !snapshot.hasSingleBackend();
        boolean full = request.held.bytes() > limits.heldSize();
        if (request.isTooDeep()) {
            exchange.fail(ErrorResponse.tooDeep(), "nested too deep");
        } else if (!lookingUpOwner && request.isDecided(byModel, byReferences && !full)) {
            // In a large body, references to objects usually come before the large part. So a full body is not read to
            // its end.
            Optional<ErrorResponse> error = request.modelError(byModel).or(this::misspeltModel);
            if (error.isPresent()) {
                exchange.fail(error.get(), error.get().code());
            } else {
                request.onRouted(byModel);
                lookUpOwner();
            }
        } else if (!lookingUpOwner && full) {
            exchange.fail(ErrorResponse.modelTooFar(limits.heldSize()), "no model within limits.held-size");
        } else {
            setStalled(isFull());
        }
    }

    private Optional<ErrorResponse> misspeltModel() {
        String model = exchange.request.model();
        return exchange.snapshot.table().modelDependsOnSpelling(model)
                ? Optional.of(ErrorResponse.unknownModel(model))
                : Optional.empty();
    }

    void onTick(long nowNanos) {
        if (stalled) {
            setStalled(isFull());
        }
        boolean isIncomplete = stalled || !lookingUpOwner;
        long ageNanos = nowNanos - exchange.recorder.startedNanos();
        if (isIncomplete && !exchange.request.held.isReserved() && exchange.exchanges.isShortOfMemory()) {
            // Many small incomplete bodies use as much memory as a few large ones. The decoder may hold a part as well:
            // the frame of a WebSocket.
            if (ageNanos > SHORTAGE_NANOS) {
                exchange.fail(ErrorResponse.overloaded(), "direct memory is short");
            }
        } else if (!lookingUpOwner
                && ageNanos > exchange.snapshot.conf().timeouts().body().toNanos()) {
            if (stalled) {
                exchange.fail(ErrorResponse.noMemory(), "no memory within limits.held-total");
            } else {
                exchange.fail(ErrorResponse.bodyTimeout(), "no model within timeouts.body");
            }
        }
    }

    private boolean isFull() {
        Limits limits = limits();
        return lookingUpOwner && exchange.request.held.bytes() > limits.heldSize()
                || !exchange.request.mayHoldMore(limits);
    }

    private void setStalled(boolean newStalled) {
        if (newStalled != stalled) {
            stalled = newStalled;
            exchange.downstream.setReading(!newStalled);
        }
    }

    private Limits limits() {
        return exchange.snapshot.conf().limits();
    }

    private void lookUpOwner() {
        lookingUpOwner = true;
        OwnerLookup.find(
                exchange.request,
                exchange.snapshot,
                exchange.exchanges.attemptContext.executor(),
                this::startAttempts,
                this::startAttemptsLater);
    }

    private void startAttempts(Owner owner) {
        setStalled(false);
        exchange.startAttempts(owner);
    }

    /**
     * Starts the attempts and flushes. For calls outside of a read from the client, at whose end a flush would follow.
     */
    private void startAttemptsLater(Owner owner) {
        if (!exchange.hasEnded()) {
            startAttempts(owner);
            exchange.onRequestReadComplete();
        }
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.attempt.Attempt;
import io.crowfly.balancer.attempt.Attempts;
import io.crowfly.balancer.attempt.BackendSelection;
import io.crowfly.balancer.attempt.ResponseReceiver;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.HeldBody;
import io.crowfly.balancer.message.JsonResponse;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.ResponseHeaderRules;
import io.crowfly.balancer.message.SpliceTarget;
import io.crowfly.balancer.message.Trailers;
import io.crowfly.balancer.provider.ErrorEvent;
import io.crowfly.balancer.routing.Candidates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The states of an exchange:
 *
 *   INSPECTING ──► WAITING ──► RESPONDING ──► ENDED
 *      │              │             │
 *      └──────────────┴─────────────┴──► ENDED by an error, a timeout, or a disconnected client
 *
 * INSPECTING lasts until the received part of the request contains all that routing needs. If backends or rules depend
 * on the model, the body is read until the model is known; if only forecasts depend on the model, the first read is
 * enough. If the body may refer to an object that one backend keeps, the whole body is read, and the shared owners may
 * be queried. WAITING lasts until one of the Attempts has a response: the first token of a token stream, or the head of
 * another response. From then on no other attempt is possible, because the client has received a part of this response.
 * If WAITING lasts long, an EarlyHead is sent; it is no part of any attempt's response.
 *
 * Every path to ENDED goes through end(), which cancels the attempts and releases the held body.
 */

/**
 * One client request and its response: receives both, forwards them between the client and a backend's attempt, and
 * reports the outcome. Confined to its event loop.
 */
public final class Exchange implements ResponseReceiver {

    private enum Phase {
        INSPECTING,
        WAITING,
        RESPONDING,
        ENDED
    }

    private static final String SHUT_DOWN = "cut off by shutdown";

    final Exchanges exchanges;
    final Snapshot snapshot;
    final Request request;
    final Downstream downstream;
    final ExchangeRecorder recorder = new ExchangeRecorder();
    private final RequestInspection inspection = new RequestInspection(this);

    private Phase phase = Phase.INSPECTING;
    private @Nullable Attempts attempts;

    /** Null before the first tick. */
    private @Nullable ExchangeTimeouts timeouts;

    /** Whether a part of the request or of the response was transferred since the last tick. */
    private boolean bytesMoved;

    Exchange(Exchanges exchanges, Snapshot snapshot, RequestHead head, Downstream downstream) {
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.downstream = downstream;
        request = new Request(head, exchanges.requestIds.idFor(head.headers()), exchanges.heldMemory);
    }

    // Events from the listener: the parts of the request, in order.

    /** Starts the exchange. Call once, before any other method. */
    public void start() {
        if (exchanges.isShortOfMemory()) {
            fail(ErrorResponse.overloaded(), "direct memory is short");
            return;
        }
        Optional<LocalResponse> response = LocalResponse.to(request, snapshot.models());
        if (response.isPresent()) {
            respond(response.get());
            return;
        }
        Optional<Refusal> refusal = Refusal.ofHead(request, snapshot);
        if (refusal.isPresent()) {
            refuse(refusal.get());
        } else if (request.head.bodyIsFirstMessage() && !inspection.openWebSocket()) {
            fail(ErrorResponse.badWebSocket(), "bad handshake");
        } else {
            startInspection();
        }
    }

    private void startInspection() {
        if (!request.head.hasBody() || !snapshot.table().benefitsFromModel()) {
            inspection.onMoreBody();
        }
        if (request.head.expectsContinue() && request.head.hasBody() && phase != Phase.ENDED) {
            downstream.sendInterim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
        }
    }

    /** Receives a part of the request's body. Takes ownership of the data. */
    public void onRequestBody(ByteBuf data) {
        if (phase == Phase.ENDED) {
            data.release();
            return;
        }
        bytesMoved = true;
        request.onBody(data);
        Optional<Refusal> refusal = refusalOfBody();
        if (refusal.isPresent()) {
            data.release();
            refuse(refusal.get());
        } else if (attempts == null) {
            request.held.hold(data);
            inspection.onMoreBody();
        } else {
            attempts.relay().send(data);
        }
        downstream.setHolding(request.held.bytes() > HeldBody.FREE_BYTES);
    }

    private Optional<Refusal> refusalOfBody() {
        long limit = request.maxBodyBytes(snapshot.conf().limits());
        if (request.bytes() > limit && !switchedProtocols()) {
            return Optional.of(Refusal.bodyTooLarge(limit));
        }
        return phase == Phase.RESPONDING ? Optional.empty() : Refusal.ofBody(request, snapshot.table());
    }

    /** Called when the request is complete. */
    public void onRequestEnd(HttpHeaders trailers) {
        if (phase == Phase.ENDED) {
            return;
        }
        bytesMoved = true;
        if (!trailers.isEmpty()) {
            RuledHeaders.removeFromTrailers(trailers, snapshot.table().ruledHeaders());
        }
        request.onEnd(trailers);
        Optional<Refusal> refusal = refusalOfBody();
        if (refusal.isPresent()) {
            refuse(refusal.get());
        } else if (attempts == null) {
            inspection.onMoreBody();
        } else {
            attempts.relay().sendEnd();
        }
    }

    /** Called when no more of the request is available for now, so that the data for the backend is flushed. */
    public void onRequestReadComplete() {
        if (attempts != null) {
            attempts.relay().flush();
        }
    }

    /** Called when the client's connection accepts more data, or no more. */
    public void onWritabilityChanged() {
        if (attempts != null) {
            attempts.onWritabilityChanged();
        }
    }

    /**
     * Called when the client has disconnected, or its data can't be parsed any more. Nothing can be sent to the client.
     */
    public void onClientGone(String reason) {
        if (phase != Phase.ENDED) {
            recorder.onEndedByClient();
            end(Optional.of(reason));
        }
    }

    /**
     * Ends the exchange because the process shuts down. If no response head was sent, the client gets an error
     * response. An event stream at an event boundary ends with an error event. Other responses are cut off.
     *
     * @return whether an error was sent to the client; if not, the caller must close the connection
     */
    public boolean abortForShutdown() {
        boolean canSendError = phase != Phase.RESPONDING || attempts.mayInsertEvent();
        if (canSendError) {
            fail(ErrorResponse.shuttingDown(), SHUT_DOWN);
        } else {
            if (switchedProtocols()) {
                // A WebSocket response has no end. If a shutdown closes a WebSocket, that is not an error.
                recorder.onEndedByClient();
            }
            end(Optional.of(SHUT_DOWN));
        }
        return canSendError;
    }

    /**
     * The rest of the request can't be parsed, or does not arrive. The error is sent if no response has begun.
     *
     * @param reason for operators
     */
    public void onBadRequest(ErrorResponse response, String reason) {
        fail(response, reason);
    }

    /**
     * Returns whether only the idle timeout and keepalives are left to check, so that ten ticks per second are enough.
     */
    public boolean allowsSlowTicks() {
        return timeouts != null && timeouts.allowsSlowTicks();
    }

    /** Checks all timeouts. Call about fifty times per second. */
    public void onTick(long nowNanos) {
        if (phase != Phase.ENDED && attempts == null) {
            inspection.onTick(nowNanos);
        }
        if (phase != Phase.ENDED) {
            boolean moved = bytesMoved;
            bytesMoved = false;
            timeouts = timeouts == null ? new ExchangeTimeouts(this) : timeouts;
            timeouts.onTick(attempts, moved, nowNanos);
        }
    }

    // Methods that send a local response or start attempts.

    private void respond(LocalResponse response) {
        recorder.onLocalHead(response.status());
        recorder.onLocalBody(response.bodyBytes());
        end(Optional.empty());
        response.sendTo(downstream);
    }

    /** Selects the backends and starts the first attempt. The caller must flush afterwards. */
    void startAttempts(Owner owner) {
        phase = Phase.WAITING;
        Candidates candidates = snapshot.table().candidates(request.facts(owner), exchanges.random);
        BackendSelection selection =
                new BackendSelection(exchanges.attemptContext, snapshot, request, owner, candidates);
        attempts = new Attempts(this, exchanges.attemptContext, snapshot, request, downstream, selection);
        if (!attempts.start()) {
            refuse(Refusal.notServed(request, snapshot, candidates, selection.limited()));
        }
    }

    @Override
    public boolean switchedProtocols() {
        return recorder.switchedProtocols();
    }

    boolean isInspecting() {
        return phase == Phase.INSPECTING;
    }

    boolean isResponding() {
        return phase == Phase.RESPONDING;
    }

    boolean hasEnded() {
        return phase == Phase.ENDED;
    }

    // Events from the attempts.

    @Override
    public void onResponseHead(Attempt winner, ResponseHead response, boolean exhausted) {
        if (phase == Phase.ENDED) {
            return;
        }
        bytesMoved = true;
        phase = Phase.RESPONDING;
        recorder.onHead(response);
        ResponseHeaderRules.apply(
                response.headers(), request.id, winner.credential().isFromConf(), exhausted);
        if (snapshot.conf().traceDecisions()) {
            DecisionTrace.addTo(response.headers(), attempts.selection().candidates(), winner);
        }
        if (!hasStreamHead()) {
            downstream.sendHead(response);
        }
    }

    @Override
    public boolean hasStreamHead() {
        return timeouts != null && timeouts.hasEarlyHead();
    }

    @Override
    public void failStream(byte[] events, String reason) {
        if (phase != Phase.ENDED) {
            recorder.onLocalBody(events.length);
            end(Optional.of(reason));
            downstream.sendBody(Unpooled.wrappedBuffer(events));
            downstream.abort();
        }
    }

    @Override
    public void onResponseBody(ByteBuf data) {
        if (phase == Phase.ENDED) {
            data.release();
            return;
        }
        bytesMoved = true;
        recorder.onBody(data);
        downstream.sendBody(data);
        if (!downstream.isWritable()) {
            onWritabilityChanged();
        }
    }

    @Override
    public Optional<SpliceTarget> spliceTarget() {
        return phase == Phase.RESPONDING ? downstream.spliceTarget(this::onSpliced) : Optional.empty();
    }

    private void onSpliced(int bytes) {
        bytesMoved = true;
        recorder.onLocalBody(bytes);
    }

    @Override
    public void onResponseReadComplete() {
        if (phase != Phase.ENDED) {
            downstream.flush();
        }
    }

    @Override
    public void onResponseEnd(HttpHeaders trailers) {
        if (phase != Phase.ENDED) {
            end(Optional.empty());
            downstream.sendEnd(Trailers.strip(trailers));
        }
    }

    @Override
    public void onResponseBroken(String reason) {
        if (phase != Phase.ENDED) {
            boolean canSendError = attempts != null && attempts.mayInsertEvent();
            end(Optional.of(reason));
            if (canSendError) {
                // An error event is needed because client libraries treat a stream that just ends as complete, and some
                // do so even after a connection error.
                downstream.sendBody(Unpooled.wrappedBuffer(
                        ErrorEvent.interrupted(request.requestClass().api())));
            }
            if (switchedProtocols()) {
                // WebSocket frames show whether the data is complete. A reset could only destroy the last frames, so
                // the connection is closed normally.
                downstream.sendEnd(EmptyHttpHeaders.INSTANCE);
            } else {
                downstream.abort();
            }
        }
    }

    // Methods that end the exchange.

    private void refuse(Refusal refusal) {
        fail(refusal.response(), refusal.reason());
    }

    /**
     * Sends the error response to the client. If another response has already begun, that response is cut off instead.
     */
    @Override
    public void fail(ErrorResponse response, String reason) {
        if (phase == Phase.RESPONDING) {
            onResponseBroken(reason);
        } else if (hasStreamHead()) {
            failStream(response.asEvent(request.requestClass().api()), reason);
        } else if (phase != Phase.ENDED) {
            JsonResponse json = response.asJson();
            recorder.onLocalHead(response.status());
            recorder.onLocalBody(json.bodyBytes());
            end(Optional.of(reason));
            if (snapshot.conf().traceDecisions() && attempts != null) {
                DecisionTrace.addTo(json.headers, attempts.selection().candidates(), attempts.winnerOrLast());
            }
            json.sendTo(downstream, request.id);
        }
    }

    /** Ends the exchange at a client that does not read: an error could not be sent, and would keep memory. */
    void disconnect(String reason) {
        end(Optional.of(reason));
        downstream.disconnect();
    }

    private void end(Optional<String> failure) {
        phase = Phase.ENDED;
        if (attempts != null) {
            attempts.cancel();
        }
        request.held.release();
        downstream.setHolding(false);
        exchanges.outcomes.accept(recorder.finish(request, downstream.clientAddress(), attempts, failure));
    }
}

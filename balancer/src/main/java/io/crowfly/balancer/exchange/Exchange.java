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
import io.crowfly.balancer.message.Trailers;
import io.crowfly.balancer.provider.ErrorEvent;
import io.crowfly.balancer.provider.ModelsEndpoint;
import io.crowfly.balancer.routing.Candidates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
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

    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final ExchangeRecorder recorder = new ExchangeRecorder();
    private final RequestInspection inspection;

    private Phase phase = Phase.INSPECTING;
    private @Nullable Attempts attempts;

    /** Present after {@code timeouts.commit} has passed without a token. */
    private @Nullable EarlyHead earlyHead;

    /**
     * Whether data was transferred since the last tick. So the clock is read once per tick and not once per transfer.
     */
    private boolean bytesMoved;

    private long lastTransferNanos = recorder.startedNanos();
    private long lastKeepaliveNanos = recorder.startedNanos();
    private boolean slowTicks;

    /** Whether reading from the backend is paused because the client reads slowly. */
    private boolean readingPaused;

    Exchange(Exchanges exchanges, Snapshot snapshot, RequestHead head, Downstream downstream) {
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.downstream = downstream;
        request = new Request(head, exchanges.requestIds.idFor(head.headers()), exchanges.heldMemory);
        inspection = new RequestInspection(this, exchanges, snapshot, request, downstream);
    }

    // Events from the listener: the parts of the request, in order.

    /** Starts the exchange. Call once, before any other method. */
    public void start() {
        if (exchanges.isShortOfMemory()) {
            fail(ErrorResponse.overloaded(), "direct memory is short");
            return;
        }
        if (respondLocally()) {
            return;
        }
        Optional<Refusal> refusal = Refusal.ofHead(request, snapshot);
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        } else if (request.head.bodyIsFirstMessage() && !inspection.openWebSocket()) {
            fail(ErrorResponse.badWebSocket(), "bad handshake");
            return;
        }
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
        long limit = snapshot.conf().limits().bodySize();
        if (request.bytes() > limit && !switchedProtocols()) {
            return Optional.of(Refusal.bodyTooLarge(limit));
        }
        return phase == Phase.RESPONDING ? Optional.empty() : Refusal.ofBody(request);
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

    @Override
    public void onWritabilityChanged() {
        if (attempts != null) {
            readingPaused = !downstream.isWritable();
            attempts.setReading(!readingPaused);
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
        return slowTicks;
    }

    /** Checks all timeouts. Call about fifty times per second. */
    public void onTick(long nowNanos) {
        if (phase == Phase.ENDED) {
            return;
        }
        if (bytesMoved) {
            bytesMoved = false;
            lastTransferNanos = nowNanos;
        }
        if (attempts == null) {
            inspection.onTick(nowNanos);
        } else if (awaitsBackend(nowNanos)) {
            // The idle timeout starts anew when the wait for a backend ends.
            lastTransferNanos = nowNanos;
            return;
        } else {
            if (readingPaused) {
                // No event tells that memory is not short any more.
                onWritabilityChanged();
            }
            sendKeepalive(nowNanos);
            slowTicks = phase == Phase.RESPONDING && !attempts.awaitsFirstToken();
        }
        long idleNanos = nowNanos - lastTransferNanos;
        if (idleNanos > snapshot.conf().timeouts().idle().toNanos()) {
            onIdleTimeout();
        } else if (idleNanos > Exchanges.SLOW_PEER_NANOS && exchanges.isShortOfMemory()) {
            freeMemory();
        }
    }

    /** Drops the data that waits for a peer: for one that does not read, or for a client that does not send the rest. */
    private void freeMemory() {
        if (!downstream.isWritable()) {
            // An error could not be sent either, and would keep the data in memory.
            end(Optional.of("the client did not read while direct memory was short"));
            downstream.disconnect();
        } else if (attempts != null && !attempts.relay().isBackendWritable()) {
            fail(ErrorResponse.overloaded(), "the backend did not read while direct memory was short");
        } else if (attempts != null) {
            attempts.relay().onMemoryShortage();
        }
    }

    private boolean awaitsBackend(long nowNanos) {
        boolean backendsTurn = attempts.onTick(nowNanos);
        if (phase == Phase.WAITING && earlyHead != null) {
            earlyHead.onTick(nowNanos);
        } else if (phase == Phase.WAITING) {
            Optional<EarlyHead> sent =
                    EarlyHead.sendIfDue(request, downstream, snapshot.conf().timeouts(), nowNanos);
            sent.ifPresent(head -> recorder.onEarlyHead());
            earlyHead = sent.orElse(null);
        }
        return backendsTurn;
    }

    private void onIdleTimeout() {
        if (switchedProtocols()) {
            // An idle WebSocket is not an error of either side.
            recorder.onEndedByClient();
            onResponseBroken("idle timeout");
            return;
        }
        boolean clientIsSlow =
                !request.ended() && (attempts == null || attempts.relay().isBackendWritable());
        if (attempts != null && !clientIsSlow && downstream.isWritable()) {
            attempts.onIdleTimeout();
        }
        fail(clientIsSlow ? ErrorResponse.bodyTimeout() : ErrorResponse.upstreamTimeout(), "idle timeout");
    }

    // Methods that send a local response or start attempts.

    private boolean respondLocally() {
        boolean readsOnly = request.head.method().equals(HttpMethod.GET)
                || request.head.method().equals(HttpMethod.HEAD);
        Optional<ModelsEndpoint.Response> response =
                readsOnly ? snapshot.models().respond(request.target) : Optional.empty();
        response.ifPresent(models -> {
            recorder.onLocalHead(models.status());
            recorder.onLocalBody(models.body().length);
            end(Optional.empty());
            new JsonResponse(models.status(), models.body()).sendTo(downstream, request.id);
        });
        return response.isPresent();
    }

    /** Selects the backends and starts the first attempt. The caller must flush afterwards. */
    void startAttempts(Owner owner) {
        phase = Phase.WAITING;
        Candidates candidates = snapshot.table().candidates(request.facts(owner), exchanges.random);
        BackendSelection selection =
                new BackendSelection(exchanges.attemptContext, snapshot, request, owner, candidates);
        attempts = new Attempts(this, exchanges.attemptContext, snapshot, request, downstream, selection);
        if (!attempts.start()) {
            refuse(Refusal.notServed(request, snapshot, candidates));
        }
    }

    /**
     * Returns whether client and backend have switched to another protocol (WebSocket), whose data Crowfly does not
     * read.
     */
    @Override
    public boolean switchedProtocols() {
        return recorder.switchedProtocols();
    }

    boolean isInspecting() {
        return phase == Phase.INSPECTING;
    }

    boolean hasEnded() {
        return phase == Phase.ENDED;
    }

    /** Flushes data for the backend. For calls outside of a read from the client, at whose end a flush would follow. */
    void flush() {
        onRequestReadComplete();
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
        if (earlyHead == null) {
            downstream.sendHead(response);
        }
    }

    @Override
    public boolean hasStreamHead() {
        return earlyHead != null;
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

    /**
     * Sends a comment, which clients ignore, so that no proxy on the path closes the connection while the model is
     * silent.
     */
    private void sendKeepalive(long nowNanos) {
        long silence = snapshot.conf().timeouts().keepalive().toNanos();
        if (phase == Phase.RESPONDING
                && silence > 0
                && nowNanos - Math.max(lastTransferNanos, lastKeepaliveNanos) > silence
                && downstream.isWritable()
                && attempts.mayInsertEvent()) {
            lastKeepaliveNanos = nowNanos;
            downstream.sendBody(EarlyHead.comment());
            downstream.flush();
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
        } else if (earlyHead != null) {
            failStream(
                    ErrorEvent.encode(
                            request.requestClass().api(), response.type(), response.code(), response.message()),
                    reason);
        } else if (phase != Phase.ENDED) {
            recorder.onLocalHead(response.status());
            end(Optional.of(reason));
            JsonResponse json = response.asJson();
            if (snapshot.conf().traceDecisions() && attempts != null) {
                DecisionTrace.addTo(json.headers, attempts.selection().candidates(), attempts.winnerOrLast());
            }
            json.sendTo(downstream, request.id);
        }
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

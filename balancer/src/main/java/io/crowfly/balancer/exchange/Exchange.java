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
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The life of an exchange:
 *
 *   CHOOSING ──► WAITING ──► ANSWERING ──► ENDED
 *      │            │             │
 *      └────────────┴─────────────┴──► ENDED by an error, a timeout, or a client that left
 *
 * CHOOSING reads the request until its model is known, where models decide where it may go, or as much as comes first where
 * they only tell how long each backend will take; and to its end where it may refer to something that one backend keeps, of
 * which other instances may have to be asked. WAITING is for one of the Attempts to have an answer; how many
 * there are, one after the other or beside each other, is theirs to know. From the answer's head on there is no way back:
 * the client has seen some of it.
 *
 * Every way out goes through end(), which gives up the attempts and releases what is held.
 */

/** One request and its answer. Confined to its event loop. */
public final class Exchange implements ResponseReceiver {

    private enum Phase {
        INSPECTING,
        WAITING,
        RESPONDING,
        ENDED
    }

    /** One line feed: after two, some libraries take it for an event, and find no data in it. */
    private static final byte[] KEEPALIVE_COMMENT = ": ping\n".getBytes(StandardCharsets.US_ASCII);

    private static final String SHUT_DOWN = "cut off by our own end";

    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final ExchangeRecorder recorder = new ExchangeRecorder();
    private final RequestInspection inspection;

    private Phase phase = Phase.INSPECTING;
    private @Nullable Attempts attempts;

    /** Set by every byte that moves and cleared by the tick that sees it: a clock read per tick, not per byte. */
    private boolean bytesMoved;

    private long lastTransferNanos = recorder.startedNanos();
    private long lastKeepaliveNanos = recorder.startedNanos();
    private boolean slowTicks;

    Exchange(Exchanges exchanges, Snapshot snapshot, RequestHead head, Downstream downstream) {
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.downstream = downstream;
        request = new Request(head, exchanges.requestIds.idFor(head.headers()), exchanges.heldMemory);
        inspection = new RequestInspection(this, exchanges, snapshot, request, downstream);
    }

    // From the listener: the request, in order.

    /** Call once, before anything else. */
    public void start() {
        Optional<Refusal> refusal = Refusal.ofHead(request, snapshot);
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        } else if (respondLocally()) {
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

    /** Takes ownership of the data. */
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
        return phase == Phase.RESPONDING ? Optional.empty() : Refusal.ofBody(request, snapshot, attempts != null);
    }

    /** The request is whole. */
    public void onRequestEnd(HttpHeaders trailers) {
        if (phase == Phase.ENDED) {
            return;
        }
        bytesMoved = true;
        request.onEnd(trailers);
        if (attempts == null) {
            inspection.onMoreBody();
        } else {
            attempts.relay().sendEnd();
        }
    }

    /** What came of the request so far won't be followed at once: a good moment to flush. */
    public void onRequestReadComplete() {
        if (attempts != null) {
            attempts.relay().flush();
        }
    }

    @Override
    public void onWritabilityChanged() {
        if (attempts != null) {
            attempts.setReading(downstream.isWritable());
        }
    }

    /** The client left, or what it sent can't be understood any more. Nothing can be sent to it. */
    public void onClientGone(String reason) {
        if (phase != Phase.ENDED) {
            recorder.onClientLeft();
            end(Optional.of(reason));
        }
    }

    /**
     * We end, and it ends with us. A client that has none of its answer yet gets one of ours, and a stream of events of which
     * it has whole ones only ends in another that says so; to any other there is nothing to say.
     *
     * @return whether the client is being told; if not, its connection is the caller's to close
     */
    public boolean abortForShutdown() {
        boolean canSendError = phase != Phase.RESPONDING || attempts.mayInsertEvent();
        if (canSendError) {
            fail(ErrorResponse.shuttingDown(), SHUT_DOWN);
        } else {
            if (switchedProtocols()) {
                // Such a connection has no end of its own to wait for.
                recorder.onClientLeft();
            }
            end(Optional.of(SHUT_DOWN));
        }
        return canSendError;
    }

    /** The rest of the request can't be understood: the error is the answer if there is none yet. */
    public void onBadRequest(ErrorResponse response) {
        fail(response, "bad request body");
    }

    /** Whether nothing but the idle timeout and silence is left to be noticed: ten looks a second are enough. */
    public boolean allowsSlowTicks() {
        return slowTicks;
    }

    /** Call some fifty times a second: all timeouts are noticed here. */
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
        } else if (attempts.onTick(nowNanos)) {
            // What comes of a backend's turn has all of the idle time again.
            lastTransferNanos = nowNanos;
            return;
        } else {
            sendKeepalive(nowNanos);
            slowTicks = phase == Phase.RESPONDING && !attempts.awaitsFirstToken();
        }
        if (nowNanos - lastTransferNanos > snapshot.conf().timeouts().idle().toNanos()) {
            onIdleTimeout();
        }
    }

    private void onIdleTimeout() {
        if (switchedProtocols()) {
            // Nobody is to blame where neither side has anything to say.
            recorder.onClientLeft();
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

    // Answering, or sending.

    private boolean respondLocally() {
        boolean readsOnly = request.head.method().equals(HttpMethod.GET)
                || request.head.method().equals(HttpMethod.HEAD);
        Optional<ModelsEndpoint.Response> response =
                readsOnly ? snapshot.models().respond(request.target) : Optional.empty();
        response.ifPresent(its -> {
            recorder.onLocalHead(its.status());
            recorder.onLocalBody(its.body().length);
            end(Optional.empty());
            new JsonResponse(its.status(), its.body()).sendTo(downstream, request.id);
        });
        return response.isPresent();
    }

    /** It is known where the request goes, as far as that is for it to say. What it sends is flushed by whoever calls this. */
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

    /** Whether client and backend speak another protocol, which we don't follow. */
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

    /** Sends what has been written to backends, outside of a read of the client's. */
    void flush() {
        onRequestReadComplete();
    }

    // From the attempts.

    /** @param exhausted whether it is the best of several errors, none of which will go away by asking again */
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
        downstream.sendHead(response);
    }

    /** Takes ownership of the data. */
    @Override
    public void onResponseBody(ByteBuf data) {
        if (phase == Phase.ENDED) {
            data.release();
            return;
        }
        bytesMoved = true;
        recorder.onBody(data);
        downstream.sendBody(data);
        if (!downstream.isWritable() && attempts != null) {
            attempts.setReading(false);
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

    /** The answer has begun, and won't come to its end. */
    @Override
    public void onResponseBroken(String reason) {
        if (phase != Phase.ENDED) {
            boolean canSendError = attempts != null && attempts.mayInsertEvent();
            end(Optional.of(reason));
            if (canSendError) {
                // Clients' libraries take a stream that just ends for a whole one; some take a broken one so, too.
                downstream.sendBody(Unpooled.wrappedBuffer(
                        ErrorEvent.interrupted(request.requestClass().api())));
            }
            if (switchedProtocols()) {
                // Its frames tell whether it is whole; a reset could only take the last of them away.
                downstream.sendEnd(EmptyHttpHeaders.INSTANCE);
            } else {
                downstream.abort();
            }
        }
    }

    /** A comment, which clients pass over, so that nobody on the way takes a model that thinks for a connection that is dead. */
    private void sendKeepalive(long nowNanos) {
        long silence = snapshot.conf().timeouts().keepalive().toNanos();
        if (phase == Phase.RESPONDING
                && silence > 0
                && nowNanos - Math.max(lastTransferNanos, lastKeepaliveNanos) > silence
                && downstream.isWritable()
                && attempts.mayInsertEvent()) {
            lastKeepaliveNanos = nowNanos;
            downstream.sendBody(Unpooled.wrappedBuffer(KEEPALIVE_COMMENT));
            downstream.flush();
        }
    }

    // The ways out.

    private void refuse(Refusal refusal) {
        fail(refusal.response(), refusal.reason());
    }

    /** There is no answer but this one; where another one has begun, it is broken off. */
    @Override
    public void fail(ErrorResponse response, String reason) {
        if (phase == Phase.RESPONDING) {
            onResponseBroken(reason);
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

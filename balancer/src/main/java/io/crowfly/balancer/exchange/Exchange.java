package io.crowfly.balancer.exchange;

import io.crowfly.balancer.provider.ErrorEvent;
import io.crowfly.balancer.provider.ModelsAnswer;
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
public final class Exchange {

    private enum Phase {
        CHOOSING,
        WAITING,
        ANSWERING,
        ENDED
    }

    /** One line feed: after two, some libraries take it for an event, and find no data in it. */
    private static final byte[] PING = ": ping\n".getBytes(StandardCharsets.US_ASCII);

    private static final String CUT_OFF = "cut off by our own end";

    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final Account account = new Account();
    private final Intake intake;

    private Phase phase = Phase.CHOOSING;
    private @Nullable Attempts attempts;

    /** Set by every byte that moves and cleared by the tick that sees it: a clock read per tick, not per byte. */
    private boolean moved;

    private long lastMoveNanos = account.startedNanos();
    private long lastPingNanos = account.startedNanos();
    private boolean calm;

    Exchange(Exchanges exchanges, Snapshot snapshot, RequestHead head, Downstream downstream) {
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.downstream = downstream;
        request = new Request(head, exchanges.requestIds.of(head.headers()), exchanges.heldMemory);
        intake = new Intake(this, exchanges, snapshot, request, downstream);
    }

    // From the listener: the request, in order.

    /** Call once, before anything else. */
    public void start() {
        Optional<Refusal> refusal = Refusal.ofHead(request, snapshot);
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        } else if (answersItself()) {
            return;
        } else if (request.head.bodyIsFirstMessage() && !intake.openWebSocket()) {
            fail(ErrorAnswer.badWebSocket(), "bad handshake");
            return;
        }
        if (!request.head.hasBody() || !snapshot.table().wantsModel()) {
            intake.onMore();
        }
        if (request.head.expectsContinue() && request.head.hasBody() && phase != Phase.ENDED) {
            downstream.sendInterim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
        }
    }

    /** Takes ownership of the data. */
    public void onBody(ByteBuf data) {
        if (phase == Phase.ENDED) {
            data.release();
            return;
        }
        moved = true;
        request.read(data);
        Optional<Refusal> refusal = refusalOfBody();
        if (refusal.isPresent()) {
            data.release();
            refuse(refusal.get());
        } else if (attempts == null) {
            request.held.hold(data);
            intake.onMore();
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
        return phase == Phase.ANSWERING ? Optional.empty() : Refusal.ofBody(request, snapshot, attempts != null);
    }

    /** The request is whole. */
    public void onEnd(HttpHeaders trailers) {
        if (phase == Phase.ENDED) {
            return;
        }
        moved = true;
        request.end(trailers);
        if (attempts == null) {
            intake.onMore();
        } else {
            attempts.relay().sendEnd();
        }
    }

    /** What came of the request so far won't be followed at once: a good moment to flush. */
    public void onReadComplete() {
        if (attempts != null) {
            attempts.relay().flush();
        }
    }

    public void onWritabilityChanged() {
        if (attempts != null) {
            attempts.setReading(downstream.isWritable());
        }
    }

    /** The client left, or what it sent can't be understood any more. Nothing can be sent to it. */
    public void onGone(String reason) {
        if (phase != Phase.ENDED) {
            account.onClientLeft();
            end(Optional.of(reason));
        }
    }

    /**
     * We end, and it ends with us. A client that has none of its answer yet gets one of ours, and a stream of events of which
     * it has whole ones only ends in another that says so; to any other there is nothing to say.
     *
     * @return whether the client is being told; if not, its connection is the caller's to close
     */
    public boolean cutOff() {
        boolean mayTell = phase != Phase.ANSWERING || attempts.mayInsertEvent();
        if (mayTell) {
            fail(ErrorAnswer.ending(), CUT_OFF);
        } else {
            if (switchedProtocols()) {
                // Such a connection has no end of its own to wait for.
                account.onClientLeft();
            }
            end(Optional.of(CUT_OFF));
        }
        return mayTell;
    }

    /** The rest of the request can't be understood: the error is the answer if there is none yet. */
    public void onBadRequest(ErrorAnswer answer) {
        fail(answer, "bad request body");
    }

    /** Whether nothing but the idle timeout and silence is left to be noticed: ten looks a second are enough. */
    public boolean isCalm() {
        return calm;
    }

    /** Call some fifty times a second: all timeouts are noticed here. */
    public void onTick(long nowNanos) {
        if (phase == Phase.ENDED) {
            return;
        }
        if (moved) {
            moved = false;
            lastMoveNanos = nowNanos;
        }
        if (attempts == null) {
            intake.onTick(nowNanos);
        } else if (attempts.onTick(nowNanos)) {
            // What comes of a backend's turn has all of the idle time again.
            lastMoveNanos = nowNanos;
            return;
        } else {
            keepAlive(nowNanos);
            calm = phase == Phase.ANSWERING && !attempts.awaitsSign();
        }
        if (nowNanos - lastMoveNanos > snapshot.conf().timeouts().idle().toNanos()) {
            onStill();
        }
    }

    private void onStill() {
        if (switchedProtocols()) {
            // Nobody is to blame where neither side has anything to say.
            account.onClientLeft();
            onAnswerBroken("idle timeout");
            return;
        }
        boolean clientIsLate =
                !request.ended() && (attempts == null || attempts.relay().takesMore());
        if (attempts != null && !clientIsLate && downstream.isWritable()) {
            attempts.onStill();
        }
        fail(clientIsLate ? ErrorAnswer.bodyTimeout() : ErrorAnswer.upstreamTimeout(), "idle timeout");
    }

    // Answering, or sending.

    private boolean answersItself() {
        boolean reads = request.head.method().equals(HttpMethod.GET)
                || request.head.method().equals(HttpMethod.HEAD);
        Optional<ModelsAnswer.Answer> answer = reads ? snapshot.models().to(request.target) : Optional.empty();
        answer.ifPresent(its -> {
            account.onOwnHead(its.status());
            account.onOwnBody(its.body().length);
            end(Optional.empty());
            new JsonAnswer(its.status(), its.body()).sendTo(downstream, request.id);
        });
        return answer.isPresent();
    }

    /** It is known where the request goes, as far as that is for it to say. What it sends is flushed by whoever calls this. */
    void send(Home home) {
        phase = Phase.WAITING;
        Candidates candidates = snapshot.table().candidates(request.facts(home), exchanges.random);
        Choice choice = new Choice(exchanges, snapshot, request, home, candidates);
        attempts = new Attempts(this, exchanges, snapshot, request, downstream, choice);
        if (!attempts.start()) {
            refuse(Refusal.unserved(request, snapshot, candidates));
        }
    }

    /** Whether client and backend speak another protocol, which we don't follow. */
    boolean switchedProtocols() {
        return account.switchedProtocols();
    }

    boolean isChoosing() {
        return phase == Phase.CHOOSING;
    }

    boolean hasEnded() {
        return phase == Phase.ENDED;
    }

    /** Sends what has been written to backends, outside of a read of the client's. */
    void flush() {
        onReadComplete();
    }

    // From the attempts.

    /** @param exhausted whether it is the best of several errors, none of which will go away by asking again */
    void onHead(Attempt answering, ResponseHead answer, boolean exhausted) {
        if (phase == Phase.ENDED) {
            return;
        }
        moved = true;
        phase = Phase.ANSWERING;
        account.onHead(answer);
        AnswerHead.finish(answer.headers(), request.id, answering.shown().isOurs(), exhausted);
        if (snapshot.conf().traceDecisions()) {
            DecisionTrace.addTo(answer.headers(), attempts.choice().candidates(), answering);
        }
        downstream.sendHead(answer);
    }

    /** Takes ownership of the data. */
    void onAnswerBody(ByteBuf data) {
        if (phase == Phase.ENDED) {
            data.release();
            return;
        }
        moved = true;
        account.onBody(data);
        downstream.sendBody(data);
        if (!downstream.isWritable() && attempts != null) {
            attempts.setReading(false);
        }
    }

    void onAnswerReadComplete() {
        if (phase != Phase.ENDED) {
            downstream.flush();
        }
    }

    void onAnswerEnd(HttpHeaders trailers) {
        if (phase != Phase.ENDED) {
            end(Optional.empty());
            downstream.sendEnd(Trailers.strip(trailers));
        }
    }

    /** The answer has begun, and won't come to its end. */
    void onAnswerBroken(String reason) {
        if (phase != Phase.ENDED) {
            boolean mayTell = attempts != null && attempts.mayInsertEvent();
            end(Optional.of(reason));
            if (mayTell) {
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
    private void keepAlive(long nowNanos) {
        long silence = snapshot.conf().timeouts().keepalive().toNanos();
        if (phase == Phase.ANSWERING
                && silence > 0
                && nowNanos - Math.max(lastMoveNanos, lastPingNanos) > silence
                && downstream.isWritable()
                && attempts.mayInsertEvent()) {
            lastPingNanos = nowNanos;
            downstream.sendBody(Unpooled.wrappedBuffer(PING));
            downstream.flush();
        }
    }

    // The ways out.

    private void refuse(Refusal refusal) {
        fail(refusal.answer(), refusal.reason());
    }

    /** There is no answer but this one; where another one has begun, it is broken off. */
    void fail(ErrorAnswer answer, String reason) {
        if (phase == Phase.ANSWERING) {
            onAnswerBroken(reason);
        } else if (phase != Phase.ENDED) {
            account.onOwnHead(answer.status());
            end(Optional.of(reason));
            JsonAnswer ours = answer.asJson();
            if (snapshot.conf().traceDecisions() && attempts != null) {
                DecisionTrace.addTo(ours.headers, attempts.choice().candidates(), attempts.last());
            }
            ours.sendTo(downstream, request.id);
        }
    }

    private void end(Optional<String> failure) {
        phase = Phase.ENDED;
        if (attempts != null) {
            attempts.cancel();
        }
        request.held.letGo();
        downstream.setHolding(false);
        exchanges.outcomes.accept(account.close(request, downstream.client(), attempts, failure));
    }
}

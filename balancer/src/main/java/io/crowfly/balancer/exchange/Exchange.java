package io.crowfly.balancer.exchange;

import io.crowfly.balancer.content.RequestScanner;
import io.crowfly.conf.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The life of an exchange:
 *
 *   CHOOSING ──► WAITING ──► ANSWERING ──► ENDED
 *      │            │ ▲           │
 *      │            └─┘ the next attempt, as long as the whole body is held
 *      └────────────┴─────────────┴──► ENDED by an error, a timeout, or a client that left
 *
 * CHOOSING reads the request until its model is known, and is passed at once where no model decides anything. From the
 * answer's head on there is no way back: the client has seen some of it.
 *
 * Every way out goes through end(), which gives up the attempt and releases what is held.
 */

/** One request and its answer. Confined to its event loop. */
public final class Exchange {

    private enum Phase {
        CHOOSING,
        WAITING,
        ANSWERING,
        ENDED
    }

    private static final AsciiString ALT_SVC = AsciiString.cached("alt-svc");

    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final RequestHead head;
    private final Downstream downstream;
    private final String requestId;
    private final long startedEpochMillis = System.currentTimeMillis();
    private final long startedNanos = System.nanoTime();
    private final HeldBody held = new HeldBody();
    private final Choice choice;
    private final @Nullable RequestScanner scanner;

    private Phase phase = Phase.CHOOSING;
    private int attempts;
    private @Nullable Attempt attempt;

    private boolean requestEnded;
    private HttpHeaders requestTrailers = EmptyHttpHeaders.INSTANCE;
    private long requestBytes;
    private long responseBytes;
    private long firstByteNanos = -1;
    private String upstreamRequestId = "";
    private int status = Outcome.CLIENT_CLOSED_REQUEST;
    private boolean clientLeft;

    /** Set by every byte that moves and cleared by the tick that sees it: a clock read per tick, not per byte. */
    private boolean moved;

    private long lastMoveNanos = startedNanos;

    Exchange(Exchanges exchanges, Snapshot snapshot, RequestHead head, Downstream downstream) {
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.head = head;
        this.downstream = downstream;
        requestId = exchanges.requestIds.of(head.headers());
        choice = new Choice(snapshot, head.target());
        scanner = head.hasBody() && mayBeJson(head.headers()) ? new RequestScanner() : null;
    }

    // From the listener: the request, in order.

    /** Call once, before anything else. */
    public void start() {
        Limits limits = snapshot.conf().limits();
        if (head.contentLength() > limits.bodySize()) {
            fail(ErrorAnswer.bodyTooLarge(limits.bodySize()), "body too large");
            return;
        }
        boolean modelDecides = scanner != null && snapshot.table().needsModel();
        if (!modelDecides || choice.candidates().list().isEmpty()) {
            sendToBest();
        }
        if (head.expectsContinue() && head.hasBody() && phase != Phase.ENDED) {
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
        requestBytes += data.readableBytes();
        Limits limits = snapshot.conf().limits();
        if (requestBytes > limits.bodySize()) {
            data.release();
            fail(ErrorAnswer.bodyTooLarge(limits.bodySize()), "body too large");
            return;
        }
        if (scanner != null) {
            scanner.scan(data);
            if (scanner.duplicateModel() && phase != Phase.ANSWERING) {
                data.release();
                fail(ErrorAnswer.modelTwice(), "model named twice");
                return;
            }
        }
        if (phase == Phase.CHOOSING) {
            held.hold(data);
            chooseByModel(limits);
        } else {
            passOn(data, limits);
        }
    }

    /** The request is whole. */
    public void onEnd(HttpHeaders trailers) {
        if (phase == Phase.ENDED) {
            return;
        }
        moved = true;
        requestEnded = true;
        requestTrailers = trailers;
        if (phase == Phase.CHOOSING) {
            // It named no model, or is no JSON after all: any backend may have it, and say so in its own words.
            sendToBest();
        } else if (attempt != null && attempt.isOpen()) {
            attempt.sendEnd(trailers);
        }
    }

    /** What came of the request so far won't be followed at once: a good moment to flush. */
    public void onReadComplete() {
        if (attempt != null && attempt.isOpen()) {
            attempt.flush();
        }
    }

    public void onWritabilityChanged() {
        if (attempt != null && attempt.isOpen()) {
            attempt.setReading(downstream.isWritable());
        }
    }

    /** The client left, or what it sent can't be understood any more. Nothing can be sent to it. */
    public void onGone(String reason) {
        if (phase != Phase.ENDED) {
            clientLeft = true;
            end(Optional.of(reason));
        }
    }

    /** The rest of the request can't be understood: the error is the answer if there is none yet. */
    public void onBadRequest(ErrorAnswer answer) {
        fail(answer, "bad request body");
    }

    /** Call a few times a second: all timeouts are noticed here. */
    public void onTick(long nowNanos) {
        if (phase == Phase.ENDED) {
            return;
        }
        if (moved) {
            moved = false;
            lastMoveNanos = nowNanos;
        }
        if (attempt != null && (attempt.isLate(nowNanos) || attempt.awaitsAnswer())) {
            return;
        }
        if (nowNanos - lastMoveNanos > snapshot.conf().timeouts().idle().toNanos()) {
            boolean clientIsLate = !requestEnded && (attempt == null || attempt.isWritable());
            fail(clientIsLate ? ErrorAnswer.bodyTimeout() : ErrorAnswer.upstreamTimeout(), "idle timeout");
        }
    }

    // Choosing.

    private void chooseByModel(Limits limits) {
        switch (scanner.state()) {
            case NOT_AN_OBJECT, MALFORMED -> sendToBest();
            case UNDECIDED, COMPLETE -> {
                if (scanner.modelKnown()) {
                    sendToModel(scanner.model().orElseThrow());
                } else if (held.bytes() > limits.heldSize()) {
                    fail(ErrorAnswer.modelTooFar(limits.heldSize()), "no model within limits.held-size");
                }
            }
        }
    }

    private void sendToModel(String model) {
        choice.among(snapshot.table().forModel(model));
        if (choice.candidates().served()) {
            sendToBest();
        } else {
            fail(ErrorAnswer.unknownModel(model), "unknown model");
        }
    }

    private void sendToBest() {
        phase = Phase.WAITING;
        if (choice.next("lowest latency")) {
            attempt(false);
        } else if (choice.isServedAnywhere()) {
            fail(ErrorAnswer.noHealthyBackend(), "no healthy backend");
        } else {
            fail(ErrorAnswer.unknownUrl(head), "no backend serves this path");
        }
    }

    /** Whoever calls this has what it sends flushed: the listener at the end of its read, or {@link #retry}. */
    private void attempt(boolean fresh) {
        attempts++;
        attempt = new Attempt(this, choice.upstream(), snapshot.conf().timeouts());
        attempt.start(exchanges.loop, fresh);
    }

    private void retry(boolean fresh) {
        attempt(fresh);
        onReadComplete();
    }

    private void passOn(ByteBuf data, Limits limits) {
        boolean hold = phase == Phase.WAITING && held.isWhole();
        if (attempt == null || !attempt.isOpen()) {
            held.hold(data);
            if (held.bytes() > limits.heldSize()) {
                downstream.setReading(false);
            }
            return;
        }
        if (hold && held.bytes() + data.readableBytes() <= limits.heldSize()) {
            held.hold(data.retainedDuplicate());
        } else if (hold) {
            held.letGo();
        }
        attempt.sendBody(data);
    }

    // From the attempt.

    void onOpen(Attempt opened) {
        opened.sendHead(head, requestId, downstream.client());
        held.replayTo(opened::sendBody);
        if (held.bytes() > snapshot.conf().limits().heldSize()) {
            held.letGo();
        }
        if (requestEnded) {
            opened.sendEnd(requestTrailers);
        }
        // Opened at once, it is flushed by whoever started it, when there may be a body behind the head: one packet,
        // not two.
        if (!opened.isStarting()) {
            opened.flush();
        }
        // The flush may have failed, and with it the attempt or the whole exchange.
        if (opened.isOpen()) {
            downstream.setReading(opened.isWritable());
        }
    }

    void onUpstreamWritabilityChanged(boolean writable) {
        downstream.setReading(writable);
    }

    void onInterim(ResponseHead interim) {
        downstream.sendInterim(interim);
    }

    void onHead(ResponseHead answer) {
        moved = true;
        phase = Phase.ANSWERING;
        held.letGo();
        status = answer.status();
        firstByteNanos = System.nanoTime() - startedNanos;
        HttpHeaders headers = answer.headers();
        // It tells of the backend's own ports, where our clients have no business.
        headers.remove(ALT_SVC);
        // One id, from the client through our logs and back; the backend's own stands beside it in the logs.
        upstreamRequestId = headers.get(RequestIds.HEADER, "");
        headers.set(RequestIds.HEADER, requestId);
        if (snapshot.conf().traceDecisions()) {
            choice.traceTo(headers);
        }
        downstream.sendHead(answer);
    }

    void onAnswerBody(ByteBuf data) {
        moved = true;
        responseBytes += data.readableBytes();
        downstream.sendBody(data);
        if (!downstream.isWritable() && attempt != null) {
            attempt.setReading(false);
        }
    }

    void onAnswerReadComplete() {
        downstream.flush();
    }

    void onAnswerEnd(HttpHeaders trailers) {
        end(Optional.empty());
        downstream.sendEnd(Trailers.strip(trailers));
    }

    void onAttemptFailed(Attempt failed, UpstreamFailure failure) {
        boolean unanswered =
                switch (failure.kind()) {
                    case CONNECT, CONNECT_TIMEOUT, CLOSED_BEFORE_ANSWER -> true;
                    case CLOSED_IN_ANSWER, BAD_ANSWER, FIRST_BYTE_TIMEOUT -> false;
                };
        boolean stale = failed.wasReused() && failure.kind() == UpstreamFailure.Kind.CLOSED_BEFORE_ANSWER;
        if (stale && held.isWhole()) {
            // Most likely the backend had closed an idle connection just then: no fault of its own.
            attempts--;
            retry(true);
            return;
        }
        failed.upstream().failed();
        if (unanswered && held.isWhole()) {
            String name = failed.upstream().backend().name();
            if (attempts < snapshot.conf().routing().retry().attempts()
                    && choice.next(
                            "next best after " + name + ": " + failure.kind().words())) {
                retry(false);
                return;
            }
        }
        boolean late = failure.kind() == UpstreamFailure.Kind.FIRST_BYTE_TIMEOUT
                || failure.kind() == UpstreamFailure.Kind.CONNECT_TIMEOUT;
        fail(late ? ErrorAnswer.upstreamTimeout() : ErrorAnswer.upstreamFailed(), failure.reason());
    }

    // The ways out.

    private void fail(ErrorAnswer answer, String reason) {
        if (phase == Phase.ENDED) {
            return;
        }
        boolean begun = phase == Phase.ANSWERING;
        if (!begun) {
            status = answer.status();
        }
        end(Optional.of(reason));
        if (begun) {
            downstream.abort();
        } else {
            answer.sendTo(downstream, requestId);
        }
    }

    private void end(Optional<String> failure) {
        phase = Phase.ENDED;
        Optional<Upstream> upstream = Optional.empty();
        if (attempt != null) {
            upstream = Optional.of(attempt.upstream());
            attempt.cancel();
        }
        held.letGo();
        exchanges.outcomes.accept(new Outcome(
                requestId,
                upstreamRequestId,
                downstream.client(),
                head.method().name(),
                Outcome.path(head.target()),
                scanner == null ? "" : scanner.model().orElse(""),
                choice.candidates(),
                upstream,
                attempts,
                choice.why(),
                status,
                failure,
                clientLeft,
                requestBytes,
                responseBytes,
                startedEpochMillis,
                firstByteNanos,
                System.nanoTime() - startedNanos));
    }

    /** By what the client says of the body; one that says nothing, or has curl say it, may well send JSON. */
    private static boolean mayBeJson(HttpHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        return type.isEmpty() || type.contains("json") || type.startsWith("application/x-www-form-urlencoded");
    }
}

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/*
 * The states of a token stream:
 *
 *   held ──► committed
 *     │
 *     └────► failed
 *
 * Committed: by the first token, or at the limit of held bytes. Head, held events and token are sent in one write.
 * Failed: by an error event, the end, a reset or a timeout before the first token. Another attempt follows. If no
 * attempt has a better response, the held events are sent to the client unchanged.
 */

/**
 * A token stream of one attempt before its first token: holds the head and the events, so that another attempt can
 * replace the stream unnoticed. Several attempts of an exchange may have such a stream at the same time; the one whose
 * first token is received first becomes the winner.
 *
 * <p>The held buffers belong to {@link #held}. They pass to the client at the commit, or to {@link HeldResponseHandler}
 * after an error event, or are released by {@link Attempt#releaseHeld}.
 */
final class UncommittedStream {

    private final Attempts attempts;
    private final Request request;
    private final Attempt attempt;
    private final HeldResponse held;

    /** @param held contains the head; this object takes ownership */
    UncommittedStream(Attempts attempts, Request request, Attempt attempt, HeldResponse held) {
        this.attempts = attempts;
        this.request = request;
        this.attempt = attempt;
        this.held = held;
    }

    /**
     * Returns whether a response to a request for a token stream is handled by this class: a good response that is an
     * event stream.
     *
     * @param hasStreamHead whether the client has received the head of a stream. Then every good response is handled
     *     here, because a response of another type must not be sent
     */
    static boolean isHeld(ResponseHead head, boolean hasStreamHead) {
        boolean isGood = head.status() >= 200 && head.status() < 300;
        return isGood && (hasStreamHead || AttemptObserver.isEventStream(head));
    }

    HeldResponse held() {
        return held;
    }

    /** Receives a part of the stream. Takes ownership of the data. */
    void onBody(ByteBuf data) {
        // The data is scanned first, because small pieces are copied and released when they are held.
        attempt.observer().onBody(data);
        held.hold(data);
        if (!decide() && held.isFull()) {
            commit();
        }
    }

    /** Called at the end of the stream. */
    void onEnd(HttpHeaders trailers) {
        held.end(trailers);
        attempt.observer().onStreamEnd();
        if (!decide()) {
            fail(AttemptOutcome.EMPTY_STREAM, "empty stream");
        }
    }

    /** Returns whether the stream has been committed, or has failed. */
    private boolean decide() {
        ReportedError error = attempt.observer().errorBeforeToken();
        if (error != null) {
            onErrorEvent(error);
        } else if (attempt.observer().isContentSeen()) {
            commit();
        } else {
            return false;
        }
        return true;
    }

    /** Sends the stream to the client, from its head on. The attempt becomes the winner. */
    private void commit() {
        ResponseReceiver receiver = attempts.receiver();
        if (receiver.hasStreamHead() && !attempt.observer().readsEvents()) {
            rejectUnreadable();
            return;
        }
        attempts.setWinner(attempt);
        attempt.startRelaying();
        receiver.onResponseHead(attempt, held.head, false);
        for (ByteBuf piece; (piece = held.nextPiece()) != null; ) {
            receiver.onResponseBody(piece);
        }
        held.release();
        if (held.trailers() != null) {
            attempt.observer().onEnd();
            receiver.onResponseEnd(held.trailers());
        }
    }

    /** The client has received the head of an uncompressed event stream, so only the events of such a stream fit. */
    private void rejectUnreadable() {
        if (attempt.isOpen()) {
            attempt.abandon(new UpstreamFailure(Kind.BAD_RESPONSE, "no readable token stream behind an early head"));
        } else {
            fail(AttemptOutcome.EMPTY_STREAM, "no token stream");
        }
    }

    private void onErrorEvent(ReportedError error) {
        BackendSelection selection = attempts.selection();
        AttemptOutcome outcome = AttemptOutcome.ofEvent(
                error, attempt.credential().isFromConf(), request.namesModel(), selection.mayHaveAnotherOwner());
        held.setEventStatus(AttemptOutcome.status(error));
        if (outcome == AttemptOutcome.THROTTLED) {
            held.setRetryAfterNanos(attempt.observer().onThrottled(held.head.headers()));
        } else if (outcome == AttemptOutcome.NOT_FOUND_HERE) {
            selection.onNotFoundAtOwner();
        }
        fail(outcome, "error event " + held.status());
    }

    private void fail(AttemptOutcome outcome, String text) {
        attempt.keepStream(outcome);
        attempts.failures().onStreamFailure(attempt, text);
    }
}

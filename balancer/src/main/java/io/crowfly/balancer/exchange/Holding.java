package io.crowfly.balancer.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/*
 *   held ──► judged, once ──► let go: another one does better
 *               │
 *               ▼ nobody does
 *             giving ──► delivered; what still comes goes past
 *
 * It is judged as soon as that much of it is here as its judgement takes, and delivered as soon as that much is as the
 * client's words take. For both that may be the head, or all of it, or as much as is held.
 */

/** What becomes of an answer that is kept from the client: takes it from the stream for as long as it is. */
final class Holding {

    private final Attempts attempts;
    private final Attempt attempt;
    private final HeldAnswer answer;
    private final boolean bodyDecides;
    private final boolean otherWords;

    /** What still comes of it is only kept. */
    private boolean judged;

    private boolean giving;
    private boolean exhausted;

    /**
     * @param bodyDecides whether it can't be judged by its head
     * @param otherWords whether it may have to be said in other words, should it be given
     */
    Holding(Attempts attempts, Attempt attempt, HeldAnswer answer, boolean bodyDecides, boolean otherWords) {
        this.attempts = attempts;
        this.attempt = attempt;
        this.answer = answer;
        this.bodyDecides = bodyDecides;
        this.otherWords = otherWords;
    }

    HeldAnswer answer() {
        return answer;
    }

    // From the stream.

    /** Takes ownership of the data. */
    void onBody(ByteBuf data) {
        answer.hold(data);
        if (answer.isFull()) {
            attempt.setReading(false);
            onEnough();
        }
    }

    void onEnd(HttpHeaders trailers) {
        answer.end(trailers);
        onEnough();
    }

    void onReadComplete() {
        if (!giving && !bodyDecides) {
            // There is more of it to come, which need not be waited for.
            onEnough();
        }
    }

    /** @return whether the client has been given what there is, and knows that it is not all */
    boolean onFailure() {
        if (giving) {
            deliver();
        }
        return giving;
    }

    private void onEnough() {
        if (giving) {
            deliver();
        } else if (!judged) {
            judged = true;
            attempts.onHeld(attempt);
        }
    }

    // To the client.

    /**
     * It goes to the client.
     *
     * @param withoutHope whether asking again would not help
     */
    void give(boolean withoutHope) {
        giving = true;
        exhausted = withoutHope;
        if (!attempt.isOpen() || answer.isFull() || !otherWords) {
            deliver();
        } else {
            attempt.setReading(true);
        }
    }

    private void deliver() {
        if (otherWords) {
            answer.translate();
        }
        Exchange exchange = attempts.exchange();
        attempt.relay();
        exchange.onHead(attempt, answer.head, exhausted);
        for (ByteBuf piece; (piece = answer.take()) != null; ) {
            exchange.onAnswerBody(piece);
        }
        HttpHeaders trailers = answer.trailers();
        attempt.letGo();
        if (trailers != null) {
            exchange.onAnswerEnd(trailers);
        } else if (!attempt.isOpen()) {
            exchange.onAnswerBroken("an error broke off");
        } else {
            exchange.onWritabilityChanged();
            exchange.onAnswerReadComplete();
        }
    }
}

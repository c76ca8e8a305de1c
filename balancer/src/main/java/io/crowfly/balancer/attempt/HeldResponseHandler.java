package io.crowfly.balancer.attempt;

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
final class HeldResponseHandler {

    private final Attempts attempts;
    private final Attempt attempt;
    private final HeldResponse heldResponse;
    private final boolean needsBody;
    private final boolean needsTranslation;

    /** What still comes of it is only kept. */
    private boolean judged;

    private boolean delivering;
    private boolean exhausted;

    /**
     * @param needsBody whether it can't be judged by its head
     * @param needsTranslation whether it may have to be said in other words, should it be given
     */
    HeldResponseHandler(
            Attempts attempts,
            Attempt attempt,
            HeldResponse heldResponse,
            boolean needsBody,
            boolean needsTranslation) {
        this.attempts = attempts;
        this.attempt = attempt;
        this.heldResponse = heldResponse;
        this.needsBody = needsBody;
        this.needsTranslation = needsTranslation;
    }

    HeldResponse heldResponse() {
        return heldResponse;
    }

    // From the stream.

    /** Takes ownership of the data. */
    void onBody(ByteBuf data) {
        heldResponse.hold(data);
        if (heldResponse.isFull()) {
            attempt.setReading(false);
            onEnough();
        }
    }

    void onEnd(HttpHeaders trailers) {
        heldResponse.end(trailers);
        onEnough();
    }

    void onReadComplete() {
        if (!delivering && !needsBody) {
            // There is more of it to come, which need not be waited for.
            onEnough();
        }
    }

    /** @return whether the client has been given what there is, and knows that it is not all */
    boolean onFailure() {
        if (delivering) {
            deliver();
        }
        return delivering;
    }

    private void onEnough() {
        if (delivering) {
            deliver();
        } else if (!judged) {
            judged = true;
            attempts.onHeldResponse(attempt);
        }
    }

    // To the client.

    /**
     * It goes to the client.
     *
     * @param noRetryHelps whether asking again would not help
     */
    void startDelivery(boolean noRetryHelps) {
        delivering = true;
        exhausted = noRetryHelps;
        if (!attempt.isOpen() || heldResponse.isFull() || !needsTranslation) {
            deliver();
        } else {
            attempt.setReading(true);
        }
    }

    private void deliver() {
        if (needsTranslation) {
            heldResponse.translate();
        }
        ResponseReceiver receiver = attempts.receiver();
        attempt.startRelaying();
        receiver.onResponseHead(attempt, heldResponse.head, exhausted);
        for (ByteBuf piece; (piece = heldResponse.nextPiece()) != null; ) {
            receiver.onResponseBody(piece);
        }
        HttpHeaders trailers = heldResponse.trailers();
        attempt.releaseHeld();
        if (trailers != null) {
            receiver.onResponseEnd(trailers);
        } else if (!attempt.isOpen()) {
            receiver.onResponseBroken("an error broke off");
        } else {
            receiver.onWritabilityChanged();
            receiver.onResponseReadComplete();
        }
    }
}

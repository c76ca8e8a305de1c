package io.crowfly.balancer.attempt;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/*
 * The states of a held response:
 *
 *   held ──► decided, once ──► released: another attempt has a better response
 *               │
 *               ▼ no other attempt has
 *           delivering ──► delivered; the rest of the response is not held
 *
 * The next step of the request is decided as soon as enough of the response is held for the decision. Delivery starts
 * as soon as enough is held for a translation. Enough may be the head, the whole response, or as much as may be held.
 */

/**
 * Handler of the events of a stream whose error response is held, until the response is sent to the client or released.
 */
final class HeldResponseHandler {

    private final Attempts attempts;
    private final Attempt attempt;
    private final HeldResponse heldResponse;
    private final boolean needsBody;
    private final boolean needsTranslation;

    /** Whether the next step of the request has been decided. Data that is received later is only held. */
    private boolean decided;

    private boolean delivering;
    private boolean exhausted;
    private long lastReceivedNanos = System.nanoTime();

    /**
     * @param needsBody whether the next step needs the body, and not only the head
     * @param needsTranslation whether the error may have to be translated before it is sent to the client
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

    /** Marks the next step as decided, for a stream whose error event was received. */
    void setDecided() {
        decided = true;
    }

    HeldResponse heldResponse() {
        return heldResponse;
    }

    /** Returns whether the next step depends on the rest of the body. */
    boolean awaitsBody() {
        return needsBody && !decided;
    }

    boolean isDelivering() {
        return delivering;
    }

    /** Returns the time since the last part of the response was received, in nanoseconds. */
    long silenceNanos(long nowNanos) {
        return nowNanos - lastReceivedNanos;
    }

    // Events from the stream.

    /** Holds a piece of the body. Takes ownership of the data. */
    void onBody(ByteBuf data) {
        lastReceivedNanos = System.nanoTime();
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
            // The head alone decides the next step, so the rest of the body is not awaited.
            onEnough();
        }
    }

    /**
     * Called when the response was interrupted.
     *
     * @return whether the held part was sent to the client, as an incomplete response
     */
    boolean onFailure() {
        if (delivering) {
            deliver();
        }
        return delivering;
    }

    private void onEnough() {
        if (delivering) {
            deliver();
        } else if (!decided) {
            decided = true;
            attempts.failures().onHeldResponse(attempt);
        }
    }

    // Methods that send the response to the client.

    /**
     * Sends the response to the client. If the response may have to be translated, the rest is received first.
     *
     * @param noRetryHelps whether a retry by the client would not help
     */
    void startDelivery(boolean noRetryHelps) {
        delivering = true;
        exhausted = noRetryHelps;
        boolean asEvent = attempts.receiver().hasStreamHead() && !heldResponse.isStream();
        if (!attempt.isOpen() || heldResponse.isFull() || !needsTranslation && !asEvent) {
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
        if (receiver.hasStreamHead()) {
            attempts.deliverAsEvents(attempt);
            return;
        }
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
            receiver.onResponseBroken("error response was interrupted");
        } else {
            attempts.onWritabilityChanged();
            receiver.onResponseReadComplete();
        }
    }
}

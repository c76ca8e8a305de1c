package io.crowfly.balancer.attempt;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/*
 *   held ──► decided, once ──► released: another attempt has a better response
 *               │
 *               ▼ no other attempt has
 *           delivering ──► delivered; the rest of the response is not held
 *
 * The decision is made as soon as enough of the response is held for it. Delivery starts as soon as enough is held for
 * a translation. Both may need the head, the whole response, or as much as may be held.
 */

/**
 * Handler of a response that is held back from the client: receives the stream's events until the response is
 * delivered.
 */
final class HeldResponseHandler {

    private final Attempts attempts;
    private final Attempt attempt;
    private final HeldResponse heldResponse;
    private final boolean needsBody;
    private final boolean needsTranslation;

    /** Whether the next step has been decided. Data that follows is only held. */
    private boolean decided;

    private boolean delivering;
    private boolean exhausted;
    private long lastReceivedNanos = System.nanoTime();

    /**
     * @param needsBody whether the head is not enough for the decision
     * @param needsTranslation whether the error may have to be translated before delivery
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

    // From the stream.

    /** Takes ownership of the data. */
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
            // The rest of the body is not needed for the decision.
            onEnough();
        }
    }

    /** @return whether the held part was delivered to the client, as an incomplete response */
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
            attempts.onHeldResponse(attempt);
        }
    }

    // To the client.

    /**
     * Sends the response to the client.
     *
     * @param noRetryHelps whether a retry by the client would not help
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
            receiver.onResponseBroken("error response was interrupted");
        } else {
            receiver.onWritabilityChanged();
            receiver.onResponseReadComplete();
        }
    }
}

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.conf.Limits;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The rest of the request is sent only to the latest attempt. Earlier attempts have failed, or already have the whole
 * request.
 */

/** Relay that sends the request's body to the latest attempt. Holds the body as long as another attempt may need it. */
public final class RequestRelay {

    private final Request request;
    private final Downstream downstream;
    private final Limits limits;

    private @Nullable Attempt target;
    private boolean hasWinner;

    RequestRelay(Request request, Downstream downstream, Limits limits) {
        this.request = request;
        this.downstream = downstream;
        this.limits = limits;
    }

    /**
     * Makes an attempt the latest one, to which the request is sent. Sending begins with the head when the attempt has
     * a connection.
     */
    void setTarget(Attempt attempt) {
        target = attempt;
    }

    /** Returns the latest attempt. */
    Optional<Attempt> target() {
        return Optional.ofNullable(target);
    }

    /** Releases the held body, because no further attempt will be made. */
    void onWinner() {
        hasWinner = true;
        request.held.release();
    }

    // Data from the client.

    /** Sends a part of the body, or holds it until the attempt has a connection. Takes ownership of the data. */
    public void send(ByteBuf data) {
        if (target != null && target.isOpen()) {
            holdReference(data);
            target.sent().sendBody(data);
        } else if (hasWinner) {
            data.release();
        } else {
            request.held.hold(data);
            if (request.held.bytes() > limits.heldSize() || !request.mayHoldMore(limits)) {
                downstream.setReading(false);
            }
        }
    }

    private void holdReference(ByteBuf data) {
        if (!hasWinner && request.held.isWhole()) {
            long size = request.held.bytes() + data.readableBytes();
            if (size <= limits.heldSize() && request.held.reserve(size, limits.heldTotal() / 2)) {
                request.held.hold(data.retainedDuplicate());
            } else {
                request.held.release();
            }
        }
    }

    /**
     * Releases the held part of an incomplete body that has been sent already, because direct memory is short. The
     * request can't be retried any more.
     */
    public void onMemoryShortage() {
        if (target != null && target.isOpen() && !request.ended()) {
            request.held.release();
        }
    }

    public void sendEnd() {
        if (target != null && target.isOpen()) {
            target.sent().sendEnd(request.trailers());
        }
    }

    public void flush() {
        if (target != null && target.isOpen()) {
            target.sent().flush();
        }
    }

    /** Returns whether the connection to the backend accepts more data. */
    public boolean isBackendWritable() {
        return target == null || target.isWritable();
    }

    // Events from the attempts.

    void onOpen(Attempt opened) {
        opened.sendHead(request, downstream.clientAddress());
        UpstreamRequest sent = opened.sent();
        request.held.replayTo(sent::sendBody);
        if (request.held.bytes() > limits.heldSize()) {
            request.held.release();
        }
        if (request.ended()) {
            sent.sendEnd(request.trailers());
        }
        // If the stream opened inside start(), the caller of start() flushes, so that head and body are sent in one
        // packet.
        if (!opened.isStarting()) {
            sent.flush();
        }
        // If the flush failed, the attempt or the whole exchange has ended.
        if (opened.isOpen()) {
            downstream.setReading(opened.isWritable());
        }
    }

    void onWritabilityChanged(Attempt attempt) {
        if (attempt == target) {
            downstream.setReading(attempt.isWritable());
        }
    }
}

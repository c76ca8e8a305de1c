package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.conf.Limits;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Only the youngest attempt is sent what still comes of the request: those before it have failed already, or have all of it.
 */

/** Passes a request on to the attempt that is to have it, and holds it for as long as another one may need it. */
public final class RequestRelay {

    private final Request request;
    private final Downstream downstream;
    private final Limits limits;

    private @Nullable Attempt target;
    private boolean decided;

    RequestRelay(Request request, Downstream downstream, Limits limits) {
        this.request = request;
        this.downstream = downstream;
        this.limits = limits;
    }

    /** From here on this attempt gets it, beginning with its head once it has a connection. */
    void setTarget(Attempt attempt) {
        target = attempt;
    }

    /** The youngest attempt. */
    Optional<Attempt> target() {
        return Optional.ofNullable(target);
    }

    /** There will be no other attempt. */
    void onWinner() {
        decided = true;
        request.held.release();
    }

    // From the client.

    /** Takes ownership of the data. */
    public void send(ByteBuf data) {
        if (target != null && target.isOpen()) {
            holdReference(data);
            target.sendBody(data);
        } else if (decided) {
            data.release();
        } else {
            request.held.hold(data);
            if (request.held.bytes() > limits.heldSize() || !request.mayHoldMore(limits)) {
                downstream.setReading(false);
            }
        }
    }

    private void holdReference(ByteBuf data) {
        if (!decided && request.held.isWhole()) {
            long size = request.held.bytes() + data.readableBytes();
            if (size <= limits.heldSize() && request.held.reserve(size, limits.heldTotal() / 2)) {
                request.held.hold(data.retainedDuplicate());
            } else {
                request.held.release();
            }
        }
    }

    public void sendEnd() {
        if (target != null && target.isOpen()) {
            target.sendEnd(request.trailers());
        }
    }

    public void flush() {
        if (target != null && target.isOpen()) {
            target.flush();
        }
    }

    /** Whether the backend would take more. */
    public boolean isBackendWritable() {
        return target == null || target.isWritable();
    }

    // From the attempts.

    void onOpen(Attempt opened) {
        opened.sendHead(request, downstream.clientAddress());
        request.held.replayTo(opened::sendBody);
        if (request.held.bytes() > limits.heldSize()) {
            request.held.release();
        }
        if (request.ended()) {
            opened.sendEnd(request.trailers());
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

    void onWritabilityChanged(Attempt attempt) {
        if (attempt == target) {
            downstream.setReading(attempt.isWritable());
        }
    }
}

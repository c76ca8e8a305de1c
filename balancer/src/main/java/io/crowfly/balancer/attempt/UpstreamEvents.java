package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.SpliceTarget;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/**
 * Receiver of the events of one attempt's stream, in this order: open, interims, head, body, end. A failure is the last
 * event and may come at any point.
 */
public interface UpstreamEvents {

    void onOpen(UpstreamStream stream);

    /** Called when the last byte of the request has been written. May be called after the response's head, or never. */
    void onSent();

    void onInterim(ResponseHead head);

    void onHead(ResponseHead head);

    /** Called for each part of the response's body. Takes ownership of the data. */
    void onBody(ByteBuf data);

    void onEnd(HttpHeaders trailers);

    /** Called when no more data is available for now, so that the receiver flushes. */
    void onReadComplete();

    void onWritabilityChanged();

    /**
     * Returns the connection to which the rest of the body may be transferred without {@link #onBody}; empty if the
     * body must be read, or if the connection is not suitable.
     */
    default Optional<SpliceTarget> spliceTarget() {
        return Optional.empty();
    }

    void onFailure(UpstreamFailure failure);
}

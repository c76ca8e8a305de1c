package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Receiver of one attempt's events, in this order: open, interims, head, body, end; or at any point failure as the
 * last.
 */
public interface UpstreamEvents {

    void onOpen(UpstreamStream stream);

    /** The last byte of the request has been written. May be called after the response's head, or never. */
    void onSent();

    void onInterim(ResponseHead head);

    void onHead(ResponseHead head);

    /** Takes ownership of the data. */
    void onBody(ByteBuf data);

    void onEnd(HttpHeaders trailers);

    /** No more data is available for now: a good moment to flush. */
    void onReadComplete();

    void onWritabilityChanged();

    void onFailure(UpstreamFailure failure);
}

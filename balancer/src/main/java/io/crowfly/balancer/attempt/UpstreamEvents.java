package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** What comes back from a backend, in this order: opened, interims, head, body, end; or failed, at any point, as the last. */
public interface UpstreamEvents {

    void onOpen(UpstreamStream stream);

    /** The last byte of the request has been written; may come after the answer has begun, or not at all. */
    void onSent();

    void onInterim(ResponseHead head);

    void onHead(ResponseHead head);

    /** Takes ownership of the data. */
    void onBody(ByteBuf data);

    void onEnd(HttpHeaders trailers);

    /** Nothing more is there to be read just now: a good moment to flush. */
    void onReadComplete();

    void onWritabilityChanged();

    void onFailure(UpstreamFailure failure);
}

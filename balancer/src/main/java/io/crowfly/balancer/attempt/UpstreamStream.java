package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** The backend's side of one attempt, once there is a connection. What is sent waits for a {@link #flush}. */
public interface UpstreamStream {

    /** Nanoseconds that connecting took, name resolution included; 0 on a connection that was there already. */
    long connectNanos();

    /** Nanoseconds that the TLS handshake took; 0 on a plain connection or one that was there already. */
    long tlsNanos();

    /** Whether an earlier request used the connection: its peer may have closed it without our knowing yet. */
    boolean reused();

    /** The headers become this side's own. */
    void sendHead(RequestHead head);

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data);

    /** The request is whole. */
    void sendEnd(HttpHeaders trailers);

    void flush();

    /** False once more than a buffer's worth waits for a slow backend. */
    boolean isWritable();

    /** Whether to read more of the answer. */
    void setReading(boolean reading);

    /** Gives the attempt up. No event comes after this. */
    void cancel();
}

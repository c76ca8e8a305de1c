package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** The backend's side of one attempt on an open connection. Sent data stays unwritten until {@link #flush}. */
public interface UpstreamStream {

    /** Returns the time for connecting, name resolution included, in nanoseconds; 0 on a reused connection. */
    long connectNanos();

    /** Returns the time for the TLS handshake in nanoseconds; 0 on a plain or reused connection. */
    long tlsNanos();

    /** Returns whether an earlier request used the connection. Its peer may already have closed it. */
    boolean reused();

    /** Takes ownership of the headers, which may be modified. */
    void sendHead(RequestHead head);

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data);

    /** Ends the request. */
    void sendEnd(HttpHeaders trailers);

    void flush();

    /** Returns false while more data than the high-water mark is unwritten because the backend reads slowly. */
    boolean isWritable();

    /** Sets whether more of the response is read from the connection. */
    void setReading(boolean reading);

    /** Cancels the request. No event follows. */
    void cancel();
}

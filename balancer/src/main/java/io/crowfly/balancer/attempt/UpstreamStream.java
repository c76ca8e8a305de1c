package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One attempt's request and response on an open connection to a backend. Data that was passed for sending is written at
 * {@link #flush}.
 */
public interface UpstreamStream {

    /** Returns the time for connecting, including name resolution, in nanoseconds; 0 on a reused connection. */
    long connectNanos();

    /** Returns the time for the TLS handshake in nanoseconds; 0 on a plain or reused connection. */
    long tlsNanos();

    /**
     * Returns whether an earlier request used the connection. The backend may already have closed such a connection.
     */
    boolean reused();

    /** Sends the request's head. Takes ownership of the headers and may modify them. */
    void sendHead(RequestHead head);

    /** Sends a part of the request's body. Takes ownership of the data. */
    void sendBody(ByteBuf data);

    /** Ends the request, with its trailers. */
    void sendEnd(HttpHeaders trailers);

    void flush();

    /**
     * Returns false while too much data (more than Netty's high-water mark) waits to be written because the backend
     * reads slowly.
     */
    boolean isWritable();

    /** Sets whether more of the response is read from the connection. */
    void setReading(boolean reading);

    /**
     * Returns whether the response's body is passed directly to the client's connection, and that connection does not
     * accept more data.
     */
    boolean awaitsClient();

    /** Cancels the request. No event follows. */
    void cancel();
}

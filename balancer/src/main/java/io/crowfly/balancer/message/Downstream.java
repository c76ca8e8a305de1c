package io.crowfly.balancer.message;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;

/**
 * The client's side of one exchange, through which its response is sent. Data may stay unwritten until {@link #flush};
 * {@link #sendEnd} flushes too.
 */
public interface Downstream {

    /** Returns the client's IP address, or {@code unix}; for logs and {@code x-forwarded-for}. */
    String clientAddress();

    /** Sends a 1xx head at once. Drops the head if the client's protocol has no interim responses. */
    void sendInterim(ResponseHead head);

    void sendHead(ResponseHead head);

    /**
     * Completes the WebSocket handshake with a client that requested one. The first message becomes the request's body.
     * After a response head with status 101, all further frames pass unread in both directions. Any other response is
     * sent to the client as an event.
     *
     * @param requestHeaders the client's headers
     * @param responseHeaders headers of the handshake's response in addition to those that RFC 6455 requires
     * @param maxBytes limit for the length of the first message
     * @param memory returns whether there is memory for this number of bytes of an incomplete frame, which may still
     *     grow
     * @return whether the handshake was valid; if not, nothing has changed
     */
    boolean openWebSocket(HttpHeaders requestHeaders, HttpHeaders responseHeaders, int maxBytes, LongPredicate memory);

    /** Sends a part of the response's body. Takes ownership of the data. */
    void sendBody(ByteBuf data);

    /** Ends the response. After this call nothing is sent to the client, and nothing is received from the client. */
    void sendEnd(HttpHeaders trailers);

    void flush();

    /**
     * Returns the connection to which the rest of the response's body may be transferred without {@link #sendBody};
     * empty if the body must be encrypted, or if the transport does not permit that. {@link #sendEnd} follows as usual.
     *
     * @param onPassed receives the numbers of transferred bytes
     */
    Optional<SpliceTarget> spliceTarget(IntConsumer onPassed);

    /**
     * Closes the connection or stream in such a way that the client recognises the response as incomplete. No other
     * call may follow.
     */
    void abort();

    /**
     * Closes the connection or stream at once. Drops the data that the client has not read, so that the memory of that
     * data is free. No other call may follow.
     */
    void disconnect();

    /**
     * Returns false while too much data waits to be written because the client reads slowly. The limit is Netty's
     * high-water mark, and much less while the direct memory of the JVM is short. The listener reports only that the
     * high-water mark was crossed.
     */
    boolean isWritable();

    /** Sets whether more of the request is read from the connection. */
    void setReading(boolean reading);

    /**
     * Sets whether the data that is read will be held. If it will, several reads share a buffer, so that held data
     * takes up little more memory than its size. Has no effect after the exchange has ended.
     */
    void setHolding(boolean holding);
}

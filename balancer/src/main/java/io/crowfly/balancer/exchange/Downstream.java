package io.crowfly.balancer.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.LongPredicate;

/** The client's side of one exchange. What is sent may wait for a {@link #flush}; {@link #sendEnd} flushes by itself. */
public interface Downstream {

    /** The client's IP address, or {@code unix}; for logs and {@code x-forwarded-for}. */
    String client();

    /** Sends a 1xx head, at once; dropped where the client's protocol has none. */
    void sendInterim(ResponseHead head);

    void sendHead(ResponseHead head);

    /**
     * Goes over to WebSocket at once, with a client that asks for it. Its first message becomes the request's body; a head
     * with 101 makes all that is said behind it the backend's and the client's own, and any other answer is told as an event.
     *
     * @param asked the client's headers
     * @param answer what to say beside what the protocol wants said
     * @param maxBytes of the message
     * @param memory whether there is room for so many bytes of one of its frames, which is not whole yet and may grow
     * @return whether it asks for it properly; if not, nothing has changed
     */
    boolean openWebSocket(HttpHeaders asked, HttpHeaders answer, int maxBytes, LongPredicate memory);

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data);

    /** The answer is whole. The exchange is over for this side: nothing more is sent, and nothing more comes of it. */
    void sendEnd(HttpHeaders trailers);

    void flush();

    /** Breaks off so that the client can't take what it has for a whole answer. The exchange is over for this side. */
    void abort();

    /** False once more than a buffer's worth waits for a slow client. */
    boolean isWritable();

    /** Whether to read more of the request. */
    void setReading(boolean reading);

    /** Whether what is read is going to be held, and by what it takes up in memory. No longer once the exchange is over. */
    void setHolding(boolean holding);
}

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Receives the one response that the attempts of an exchange lead to: a backend's, or an error of Crowfly's own. Calls come
 * in this order: head, body, end; or broken, at any point after the head. All on the event loop of the exchange.
 */
public interface ResponseReceiver {

    /**
     * The response of the winning attempt begins.
     *
     * @param exhausted whether it is the best of several errors, and a retry by the client would not help
     */
    void onResponseHead(Attempt winner, ResponseHead head, boolean exhausted);

    /** Takes ownership of the data. */
    void onResponseBody(ByteBuf data);

    /** No more data is available for now: a good moment to flush. */
    void onResponseReadComplete();

    void onResponseEnd(HttpHeaders trailers);

    /** The response has begun, and will not be complete. */
    void onResponseBroken(String reason);

    /** No attempt has a response for the client, which gets this error instead. */
    void fail(ErrorResponse error, String reason);

    /** Adjusts reading from the backend to the writability of the client's connection. */
    void onWritabilityChanged();

    /** Returns whether client and backend have switched to another protocol, whose frames Crowfly does not read. */
    boolean switchedProtocols();
}

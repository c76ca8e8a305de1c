package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Receiver of the one response that results from the attempts of an exchange: a backend's, or an error of Crowfly's
 * own. The calls come in this order: head, body, end; or broken, at any point after the head. All calls are made on the
 * exchange's loop.
 */
public interface ResponseReceiver {

    /**
     * The head of the winning attempt's response has been received.
     *
     * @param exhausted whether the response is the best of several errors, and a retry by the client would not help
     */
    void onResponseHead(Attempt winner, ResponseHead head, boolean exhausted);

    /** Takes ownership of the data. */
    void onResponseBody(ByteBuf data);

    /** No more data is available for now: a good moment to flush. */
    void onResponseReadComplete();

    void onResponseEnd(HttpHeaders trailers);

    /** The response that has begun will not be complete. */
    void onResponseBroken(String reason);

    /** Sends this error to the client, because no attempt has a response. */
    void fail(ErrorResponse error, String reason);

    /** Adjusts reading from the backend to the writability of the client's connection. */
    void onWritabilityChanged();

    /** Returns whether client and backend have switched to another protocol, whose frames Crowfly does not read. */
    boolean switchedProtocols();
}

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.SpliceTarget;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/**
 * Receiver of the one response that an exchange's attempts result in: a backend's response, or an error of Crowfly. The
 * calls come in this order: head, body, end; or broken, at any point after the head. All calls are made on the
 * exchange's event loop.
 */
public interface ResponseReceiver {

    /**
     * Called when the head of the winning attempt's response was received.
     *
     * @param exhausted whether the response is the best of several errors, and a retry by the client would not help
     */
    void onResponseHead(Attempt winner, ResponseHead head, boolean exhausted);

    /** Called for each part of the body. Takes ownership of the data. */
    void onResponseBody(ByteBuf data);

    /** See {@link UpstreamEvents#spliceTarget}. Call only while the response is being sent. */
    Optional<SpliceTarget> spliceTarget();

    /** Called when no more data is available for now, so that the receiver flushes. */
    void onResponseReadComplete();

    void onResponseEnd(HttpHeaders trailers);

    /** Called when a response that has begun cannot be completed. */
    void onResponseBroken(String reason);

    /** Sends this error to the client, because no attempt has a response. */
    void fail(ErrorResponse error, String reason);

    /**
     * Returns whether the client has already received the head of an event stream, which does not belong to any
     * attempt. Only the events of a token stream can follow.
     */
    boolean hasStreamHead();

    /**
     * Ends the stream whose {@linkplain #hasStreamHead head} the client has received, because no attempt has a token.
     *
     * @param events complete events that report an error
     */
    void failStream(byte[] events, String reason);

    /**
     * Returns whether client and backend have switched to another protocol (WebSocket), whose frames Crowfly does not
     * read.
     */
    boolean switchedProtocols();
}

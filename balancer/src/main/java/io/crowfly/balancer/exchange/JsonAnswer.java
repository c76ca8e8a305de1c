package io.crowfly.balancer.exchange;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** An answer that no backend is asked for. */
final class JsonAnswer {

    private final int status;
    private final byte[] body;

    /** What may be added to before it is sent. */
    final HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();

    /** @param body must not be changed any more */
    JsonAnswer(int status, byte[] body) {
        this.status = status;
        this.body = body;
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }

    /** Sends all of it. The head must not have been sent. */
    void sendTo(Downstream downstream, String requestId) {
        headers.set(RequestIds.HEADER, requestId);
        downstream.sendHead(new ResponseHead(status, headers));
        downstream.sendBody(Unpooled.wrappedBuffer(body));
        downstream.sendEnd(EmptyHttpHeaders.INSTANCE);
    }
}

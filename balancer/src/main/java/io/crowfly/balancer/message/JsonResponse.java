package io.crowfly.balancer.message;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * A complete JSON response that Crowfly sends to a client without a backend, for example an error or the list of
 * models.
 */
public final class JsonResponse {

    private final int status;
    private final byte[] body;

    /** Headers of the response; callers may add to them before {@link #sendTo}. */
    public final HttpHeaders headers =
            DefaultHttpHeadersFactory.headersFactory().newHeaders();

    /** @param body must not be modified after this call */
    public JsonResponse(int status, byte[] body) {
        this.status = status;
        this.body = body;
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }

    public int bodyBytes() {
        return body.length;
    }

    /** Sends head, body and end. No response head may have been sent before. */
    public void sendTo(Downstream downstream, String requestId) {
        headers.set(RequestIds.HEADER, requestId);
        downstream.sendHead(new ResponseHead(status, headers));
        downstream.sendBody(Unpooled.wrappedBuffer(body));
        downstream.sendEnd(EmptyHttpHeaders.INSTANCE);
    }
}

package io.crowfly.balancer.listener;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Netty's HTTP/1.1 response encoder, with a setting for a response to HEAD, which has a body's length but no body. */
final class ResponseEncoder extends HttpResponseEncoder {

    private boolean responseToHead;

    void setResponseToHead(boolean toHead) {
        responseToHead = toHead;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return responseToHead && response.status().code() >= 200 || super.isContentAlwaysEmpty(response);
    }

    @Override
    protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {
        // Empty headers need no change, and the shared empty headers of Crowfly's interim responses can't be changed.
        boolean lengthWithoutBody = responseToHead && response.status().code() >= 200;
        if (!lengthWithoutBody && !response.headers().isEmpty()) {
            super.sanitizeHeadersBeforeEncode(response, isAlwaysEmpty);
        }
    }
}

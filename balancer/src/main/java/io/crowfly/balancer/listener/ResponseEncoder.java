package io.crowfly.balancer.listener;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Netty's encoder, told what was asked, since the answer to a HEAD has the length of a body and no body. */
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
        // Nothing is to be taken out of no headers, and those of an interim answer of ours can't be changed.
        if (!responseToHead && !response.headers().isEmpty()) {
            super.sanitizeHeadersBeforeEncode(response, isAlwaysEmpty);
        }
    }
}

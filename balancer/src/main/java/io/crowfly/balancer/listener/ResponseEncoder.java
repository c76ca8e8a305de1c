package io.crowfly.balancer.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;

/** Netty's HTTP/1.1 response encoder, with a setting for a response to HEAD, which has a body's length but no body. */
final class ResponseEncoder extends HttpResponseEncoder {

    private final List<Object> encodedEnd = new ArrayList<>(1);
    private boolean responseToHead;

    void setResponseToHead(boolean toHead) {
        responseToHead = toHead;
    }

    /** Writes nothing for the end of a body with a length. Netty would write an empty buffer, at the cost of a write. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (message != LastHttpContent.EMPTY_LAST_CONTENT || !promise.isVoid()) {
            super.write(ctx, message, promise);
            return;
        }
        encode(ctx, message, encodedEnd);
        for (int i = 0; i < encodedEnd.size(); i++) {
            Object encoded = encodedEnd.get(i);
            if (encoded != Unpooled.EMPTY_BUFFER) {
                ctx.write(encoded, promise);
            }
        }
        encodedEnd.clear();
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

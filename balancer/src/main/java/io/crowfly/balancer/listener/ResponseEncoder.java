package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty's HTTP/1.1 response encoder, with a setting for a response to HEAD, which has a body's length but no body. A
 * body without chunks passes directly, and its end writes nothing, where Netty would write an empty buffer.
 */
final class ResponseEncoder extends HttpResponseEncoder {

    private final List<Object> encodedEnd = new ArrayList<>(1);
    private boolean responseToHead;

    /** Whether the parts of the current body need no encoding. */
    private boolean plainBody;

    void setResponseToHead(boolean toHead) {
        responseToHead = toHead;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (plainBody && message instanceof ByteBuf part && part.isReadable()) {
            ctx.write(part, promise);
        } else if (message == LastHttpContent.EMPTY_LAST_CONTENT && promise.isVoid()) {
            writeEnd(ctx, promise);
        } else {
            super.write(ctx, message, promise);
        }
    }

    private void writeEnd(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        plainBody = false;
        encode(ctx, LastHttpContent.EMPTY_LAST_CONTENT, encodedEnd);
        for (int i = 0; i < encodedEnd.size(); i++) {
            Object encoded = encodedEnd.get(i);
            if (encoded != Unpooled.EMPTY_BUFFER) {
                ctx.write(encoded, promise);
            }
        }
        encodedEnd.clear();
    }

    /** Only responses and their parts are written, so no message needs a test of its class. */
    @Override
    public boolean acceptOutboundMessage(Object message) {
        return true;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return responseToHead && response.status().code() >= 200 || super.isContentAlwaysEmpty(response);
    }

    /** Called once for each head, before it is encoded. */
    @Override
    protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {
        plainBody = !isAlwaysEmpty && !HttpUtil.isTransferEncodingChunked(response);
        // Empty headers need no change, and the shared empty headers of Crowfly's interim responses can't be changed.
        boolean lengthWithoutBody = responseToHead && response.status().code() >= 200;
        if (!lengthWithoutBody && !response.headers().isEmpty()) {
            super.sanitizeHeadersBeforeEncode(response, isAlwaysEmpty);
        }
    }
}

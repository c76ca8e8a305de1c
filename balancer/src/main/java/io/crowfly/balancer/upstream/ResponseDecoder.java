package io.crowfly.balancer.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;

/**
 * Netty's decoder, told what was asked, since the answer to a HEAD has the length of a body and no body. A read is taken
 * whole, and where one ends inside a chunk's frame the next is put behind it by reference: body bytes are never copied.
 */
final class ResponseDecoder extends HttpResponseDecoder {

    /** No backend's head is larger; OpenAI asks its clients to keep all of theirs within 64 KiB. */
    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private boolean responseToHead;
    private boolean expectsResponse;
    private boolean bytesReceived;

    ResponseDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_HEAD_BYTES)
                .setMaxHeaderSize(MAX_HEAD_BYTES)
                .setMaxChunkSize(Integer.MAX_VALUE));
        setCumulator(COMPOSITE_CUMULATOR);
    }

    void expectResponseTo(HttpMethod method) {
        responseToHead = method.equals(HttpMethod.HEAD);
        expectsResponse = true;
        bytesReceived = false;
    }

    /** Whether any byte of the answer has come. */
    boolean hasReceivedBytes() {
        return bytesReceived;
    }

    /** The answer is whole: one more byte, and the connection is closed. Half an answer would begin the next one. */
    void expectNothing() {
        expectsResponse = false;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (expectsResponse) {
            bytesReceived |= in.isReadable();
            super.decode(ctx, in, out);
        } else {
            in.skipBytes(in.readableBytes());
            ctx.close();
        }
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return responseToHead && ((HttpResponse) message).status().code() >= 200 || super.isContentAlwaysEmpty(message);
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.transport.DecoderConfig;
import io.crowfly.balancer.transport.LineCumulator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;

/**
 * Netty's decoder with the method of the request, because a response to HEAD has the length of a body and no body.
 *
 * <p>The decoder passes bodies on by reference. Only a line of a head, of a chunk's framing or of a trailer is copied,
 * if it arrives in several reads.
 */
final class ResponseDecoder extends HttpResponseDecoder {

    /**
     * Limit of the response head. The heads of all known backends are smaller. OpenAI limits request headers to 64 KiB
     * as well.
     */
    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private final LineCumulator lines = new LineCumulator();

    private boolean responseToHead;
    private boolean expectsResponse;
    private boolean bytesReceived;

    ResponseDecoder() {
        super(DecoderConfig.withLimit(MAX_HEAD_BYTES));
        setCumulator(lines);
    }

    void expectResponseTo(HttpMethod method) {
        responseToHead = method.equals(HttpMethod.HEAD);
        expectsResponse = true;
        bytesReceived = false;
    }

    /** Whether any byte of the response has arrived. */
    boolean hasReceivedBytes() {
        return bytesReceived;
    }

    /**
     * Marks the response as complete. Any further byte closes the connection, because it would become the start of the
     * next response.
     */
    void expectNothing() {
        expectsResponse = false;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (expectsResponse) {
            int available = in.readableBytes();
            bytesReceived |= available > 0;
            super.decode(ctx, in, out);
            if (in.readableBytes() == available) {
                lines.keep(ctx.alloc(), in);
            }
        } else {
            in.skipBytes(in.readableBytes());
            ctx.close();
        }
    }

    /**
     * Refuses a status that is not from 100 to 599 (RFC 9110 section 15). Netty accepts any number, and 099 would pass
     * as an interim response. Netty reports the exception as a failure of the head.
     */
    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        if (!isValidStatus(initialLine[1])) {
            throw new IllegalArgumentException("invalid status");
        }
        return super.createMessage(initialLine);
    }

    private static boolean isValidStatus(String status) {
        return status.length() == 3
                && status.charAt(0) >= '1'
                && status.charAt(0) <= '5'
                && isDigit(status.charAt(1))
                && isDigit(status.charAt(2));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        lines.release();
        super.decodeLast(ctx, in, out);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        super.handlerRemoved0(ctx);
        lines.passOn(ctx);
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return responseToHead && ((HttpResponse) message).status().code() >= 200 || super.isContentAlwaysEmpty(message);
    }
}

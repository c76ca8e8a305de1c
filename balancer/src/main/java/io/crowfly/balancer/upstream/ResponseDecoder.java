package io.crowfly.balancer.upstream;

import io.crowfly.balancer.transport.DecoderConfig;
import io.crowfly.balancer.transport.HeaderNames;
import io.crowfly.balancer.transport.LineCumulator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
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

    // Words of nearly every first line. They and the usual names are not copied from each head.
    private static final String HTTP_1_1 = HttpVersion.HTTP_1_1.text();
    private static final String STATUS_200 = HttpResponseStatus.OK.codeAsText().toString();
    private static final String OK = HttpResponseStatus.OK.reasonPhrase();

    private final LineCumulator lines = new LineCumulator();
    private final HeaderNames names = HeaderNames.ofThisLoop();

    private boolean responseToHead;
    private boolean expectsResponse;
    private boolean bytesReceived;

    /** Length of the rest of a body that this class decodes, because Netty's decoder does not count spliced bytes. */
    private long restBytes;

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

    /** Expects this number of bytes as the rest of the body. Some of them may be {@linkplain #skip skipped}. */
    void expectRest(long bytes) {
        restBytes = bytes;
    }

    /** A part of the rest was taken from the socket without this decoder. The end of the body is not reported then. */
    void skip(int bytes) {
        restBytes -= bytes;
        if (restBytes == 0) {
            reset();
        }
    }

    private void decodeRest(ByteBuf in, List<Object> out) {
        int length = (int) Math.min(in.readableBytes(), restBytes);
        restBytes -= length;
        ByteBuf data = in.readRetainedSlice(length);
        if (restBytes > 0) {
            out.add(new DefaultHttpContent(data));
        } else {
            out.add(new DefaultLastHttpContent(data));
            reset();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (restBytes > 0) {
            decodeRest(in, out);
        } else if (expectsResponse) {
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

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        return isText(HTTP_1_1, line, start, length) ? HTTP_1_1 : super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        return isText(STATUS_200, line, start, length)
                ? STATUS_200
                : super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        return isText(OK, line, start, length) ? OK : super.splitThirdWordInitialLine(line, start, length);
    }

    private static boolean isText(String text, byte[] line, int start, int length) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (line[start + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        return names.name(line, start, length);
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

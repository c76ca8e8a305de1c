package io.crowfly.balancer.listener;

import io.crowfly.balancer.transport.DecoderConfig;
import io.crowfly.balancer.transport.HeaderNames;
import io.crowfly.balancer.transport.LineCumulator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpObject;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.util.List;

/*
 * A head needs memory for as long as its client likes, up to timeouts.head, and no limit of a conf bounds the sum. So
 * heads of more than 4 KiB, which are rare, reserve their memory from one account, as they arrive and until their
 * exchange is over. If the account is used up, the request gets a 503. Every connection has the memory for a short
 * head.
 */

/**
 * Netty's decoder in its strict default configuration: a request with both a length and chunks, with bare line feeds,
 * or with an invalid chunk is refused. So is a long head for which there is no memory.
 *
 * <p>The decoder passes bodies on by reference. Only a line of a head, of a chunk's framing or of a trailer is copied,
 * if it arrives in several reads.
 */
final class RequestDecoder extends HttpRequestDecoder {

    /** Size of a head that needs no reservation. */
    static final int FREE_HEAD_BYTES = 4 * 1024;

    /** Netty's buffer for the longest line has up to twice the size of that line. */
    private static final int HEAP_PER_HEAD_BYTE = 2;

    /** Part of a request to which the next bytes belong. */
    private enum Part {
        /** Empty lines before a request, or its request line. */
        REQUEST_LINE,
        HEADERS,
        /** The body with its framing, and trailers. */
        BODY
    }

    /**
     * Limit of the bytes that are left undecoded: the largest read and the start of another one. More bytes are left
     * only after a client has ended its side of the connection, because some transports then read all that is left.
     */
    private static final int MAX_UNDECODED_BYTES = 512 * 1024;

    private final int headBytes;
    private final HeadMemory memory;
    private final LineCumulator lines = new LineCumulator();
    private final HeaderNames names = HeaderNames.ofThisLoop();

    private Part part = Part.REQUEST_LINE;

    /**
     * Bytes that have been decoded since the last object was passed on: of a head, of a chunk's framing or of trailers.
     */
    private long pendingBytes;

    private long reserved;

    /** Whether a request was refused, so that everything that follows is dropped. */
    private boolean refused;

    private boolean paused;

    /** Whether bytes have been left undecoded in a pause. */
    private boolean undecoded;

    /** @param headBytes limit of the request line, and also of the headers */
    RequestDecoder(int headBytes, HeadMemory memory) {
        super(DecoderConfig.withLimit(headBytes));
        this.headBytes = headBytes;
        this.memory = memory;
        setCumulator(lines);
    }

    @Override
    protected HttpMessage createMessage(String[] requestLine) throws Exception {
        part = Part.HEADERS;
        return super.createMessage(requestLine);
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        return names.name(line, start, length);
    }

    /** Returns whether a part of a head has been received. Call only between two requests. */
    boolean isInsideHead() {
        return part == Part.HEADERS || isInsideLine();
    }

    private boolean isInsideLine() {
        return lines.isKeeping() || actualReadableBytes() > 0;
    }

    /** Sets whether bytes are left undecoded. */
    void setPaused(boolean pause) {
        paused = pause;
    }

    /** Returns whether bytes have been left undecoded in a pause. */
    boolean hasUndecoded() {
        return undecoded;
    }

    /** Decodes the bytes that were left in a pause, unless there is another pause. */
    void decodeUndecoded(ChannelHandlerContext ctx) throws Exception {
        undecoded = false;
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
    }

    /** Drops the bytes that were left in a pause, and ends the pause. */
    void dropUndecoded() {
        paused = false;
        if (undecoded) {
            undecoded = false;
            internalBuffer().skipBytes(actualReadableBytes());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (undecoded) {
            // Netty would request another read, because nothing was decoded.
            ctx.fireChannelReadComplete();
        } else {
            super.channelReadComplete(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (undecoded && event == ChannelInputShutdownEvent.INSTANCE) {
            // Netty would drop the bytes that are left.
            ctx.fireUserEventTriggered(event);
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        } else if (paused) {
            undecoded = true;
            if (in.readableBytes() > MAX_UNDECODED_BYTES) {
                ctx.close();
            }
            return;
        }
        undecoded = false;
        int available = in.readableBytes();
        super.decode(ctx, in, out);
        int left = in.readableBytes();
        if (part != Part.REQUEST_LINE) {
            // Empty lines before a request line need no memory.
            pendingBytes += available - left;
        }
        if (!out.isEmpty()) {
            onDecoded(out);
        } else if (left == 0 || left == available) {
            onIncomplete(ctx, in, out);
        }
    }

    private void onIncomplete(ChannelHandlerContext ctx, ByteBuf rest, List<Object> out) {
        if (!reserve(pendingBytes + rest.readableBytes())) {
            rest.skipBytes(rest.readableBytes());
            out.add(refusal());
        } else if (rest.isReadable()) {
            lines.keep(ctx.alloc(), rest);
        }
    }

    private void onDecoded(List<Object> out) {
        Object last = out.get(out.size() - 1);
        if (part != Part.BODY && !reserve(pendingBytes)) {
            ((HttpObject) out.get(0)).setDecoderResult(DecoderResult.failure(new HeadMemory.ExhaustedException()));
            refused = true;
        } else if (last instanceof DefaultHttpObject object
                && object.decoderResult().isFailure()) {
            refused = true;
        }
        part = isEndOfRequest(last) ? Part.REQUEST_LINE : Part.BODY;
        pendingBytes = 0;
    }

    /** Tests a class, because the JVM tests an interface more slowly, and this is called for each part of a body. */
    private static boolean isEndOfRequest(Object decoded) {
        return decoded == LastHttpContent.EMPTY_LAST_CONTENT || decoded instanceof DefaultLastHttpContent;
    }

    private boolean reserve(long bytes) {
        long wanted = bytes > FREE_HEAD_BYTES ? bytes * HEAP_PER_HEAD_BYTE : 0;
        if (wanted > reserved) {
            if (!memory.tryReserve(wanted - reserved)) {
                return false;
            }
            reserved = wanted;
        }
        return true;
    }

    private HttpObject refusal() {
        refused = true;
        HttpObject invalid =
                part == Part.BODY ? new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER) : createInvalidMessage();
        invalid.setDecoderResult(DecoderResult.failure(new HeadMemory.ExhaustedException()));
        return invalid;
    }

    /**
     * Returns whether the memory of a long head is not needed any more. Then the connection should go on with a
     * {@linkplain #successor successor}, because Netty's decoder keeps its buffer for the longest line.
     */
    boolean hasFinishedLongHead() {
        return reserved > 0 && part == Part.REQUEST_LINE && !isInsideLine() && !refused;
    }

    /** Returns a new decoder with the same limits. */
    RequestDecoder successor() {
        return new RequestDecoder(headBytes, memory);
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        lines.release();
        super.decodeLast(ctx, in, out);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        super.handlerRemoved0(ctx);
        memory.release(reserved);
        reserved = 0;
        lines.passOn(ctx);
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.transport.TunnelCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/*
 * Stands behind Netty's codec for frames, and takes that out again once it has the message: what comes behind it is the
 * backend's to read. Until a backend has gone over too, that waits, and not much of it is read.
 */

/**
 * A client's WebSocket up to its first message, which becomes a request's body, and from a backend's answer on a tunnel. An
 * answer that is none becomes an error event and a close.
 */
final class FirstMessage extends TunnelCodec {

    /** More than a client says before it has heard anything; reading on tells whether it is still there. */
    private static final int MOST_EARLY_BYTES = 64 * 1024;

    /** So much of a frame is gathered without asking: what nearly every message has. */
    private static final int FREE_BYTES = 64 * 1024;

    private final int maxBytes;
    private final LongPredicate memory;
    private final Queue<ByteBuf> early = new ArrayDeque<>(0);
    private final RefusalEvent refusal = new RefusalEvent();

    private @Nullable ChannelHandlerContext ctx;
    private long bytes;
    private long earlyBytes;
    private boolean answered;

    /** The last word has been written: whatever the client still says is dropped. */
    private boolean closing;

    /**
     * @param maxBytes of the message
     * @param memory whether there is room for so many bytes of a frame
     */
    FirstMessage(int maxBytes, LongPredicate memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    WebSocket13FrameDecoder decoder() {
        return new Decoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(false)
                .maxFramePayloadLength(maxBytes)
                .build());
    }

    /** Netty's gathers a frame until it is whole; this one only as far as there is memory for it. */
    private final class Decoder extends WebSocket13FrameDecoder {

        Decoder(WebSocketDecoderConfig config) {
            super(config);
        }

        @Override
        protected void decode(ChannelHandlerContext its, ByteBuf in, List<Object> out) throws Exception {
            if (!closing) {
                super.decode(its, in, out);
                boolean gathers = out.isEmpty() && in.readableBytes() > FREE_BYTES;
                if (gathers && !memory.test(in.readableBytes())) {
                    close(new CloseWebSocketFrame(WebSocketCloseStatus.TRY_AGAIN_LATER));
                }
            }
            if (closing) {
                in.skipBytes(in.readableBytes());
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        for (ByteBuf piece; (piece = early.poll()) != null; ) {
            piece.release();
        }
    }

    /** A backend has gone over: what is written from now on comes from there, and what is read goes there. */
    void becomeTunnel() {
        answered = true;
        ctx.pipeline().remove(WebSocket13FrameEncoder.class);
        for (ByteBuf piece; (piece = early.poll()) != null; ) {
            super.channelRead(ctx, piece);
        }
        ctx.fireChannelReadComplete();
    }

    // What the client sends.

    @Override
    public void channelRead(ChannelHandlerContext its, Object message) {
        if (message instanceof WebSocketFrame frame) {
            onFrame(frame);
        } else if (!(message instanceof ByteBuf data)) {
            // The end of the handshake, which has no body.
            ReferenceCountUtil.release(message);
        } else if (answered) {
            super.channelRead(its, data);
        } else {
            early.add(data);
            earlyBytes += data.readableBytes();
            if (earlyBytes > MOST_EARLY_BYTES) {
                its.channel().config().setAutoRead(false);
            }
        }
    }

    private void onFrame(WebSocketFrame frame) {
        // Not every ping wants an answer (RFC 6455 section 5.5.3): a client that reads none gets no more.
        if (frame instanceof PingWebSocketFrame && ctx.channel().isWritable()) {
            ctx.writeAndFlush(new PongWebSocketFrame(frame.content()));
        } else if (frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame) {
            frame.release();
        } else if (frame instanceof CloseWebSocketFrame) {
            close(new CloseWebSocketFrame(true, 0, frame.content()));
        } else if (frame instanceof BinaryWebSocketFrame) {
            refuse(frame, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
        } else {
            onPart(frame);
        }
    }

    private void onPart(WebSocketFrame frame) {
        bytes += frame.content().readableBytes();
        if (bytes > maxBytes) {
            refuse(frame, WebSocketCloseStatus.MESSAGE_TOO_BIG);
            return;
        }
        boolean whole = frame.isFinalFragment();
        ctx.fireChannelRead(new DefaultHttpContent(frame.content()));
        if (whole) {
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
            ctx.pipeline().remove(WebSocket13FrameDecoder.class);
        }
    }

    private void refuse(WebSocketFrame frame, WebSocketCloseStatus status) {
        frame.release();
        close(new CloseWebSocketFrame(status));
    }

    private void close(CloseWebSocketFrame frame) {
        closing = true;
        ctx.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext its, Object event) {
        if (answered || event != ChannelInputShutdownEvent.INSTANCE) {
            super.userEventTriggered(its, event);
        } else {
            its.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext its) {
        if (answered) {
            super.channelInactive(its);
        } else {
            its.fireChannelInactive();
        }
    }

    // What is sent to it.

    @Override
    public void write(ChannelHandlerContext its, Object message, ChannelPromise promise) {
        if (answered || message instanceof WebSocketFrame) {
            super.write(its, message, promise);
        } else if (message instanceof HttpResponse response) {
            refusal.begin(response.status().code());
            drop(message, promise);
        } else if (message instanceof ByteBuf data && data.isReadable()) {
            refusal.add(data);
            drop(message, promise);
        } else if (message instanceof LastHttpContent) {
            closing = true;
            its.write(new TextWebSocketFrame(refusal.text()));
            its.write(new CloseWebSocketFrame(WebSocketCloseStatus.INTERNAL_SERVER_ERROR));
            super.write(its, message, promise);
        } else {
            its.write(message, promise);
        }
    }

    private static void drop(Object message, ChannelPromise promise) {
        ReferenceCountUtil.release(message);
        promise.trySuccess();
    }
}

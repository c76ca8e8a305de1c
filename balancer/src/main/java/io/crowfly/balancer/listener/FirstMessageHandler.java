package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.HeldPieces;
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
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/*
 * This handler follows Netty's WebSocket codec in the pipeline, and removes the codec after the first message, because
 * Crowfly passes later frames to the backend unread. Until a backend has switched protocols, such frames are kept, up
 * to a limit.
 */

/**
 * Handler of a client's WebSocket until a backend is connected. Passes the first message on as the body of a request,
 * and becomes a tunnel when a backend has switched protocols. Any other response is sent to the client as an error
 * event and a close frame.
 */
final class FirstMessageHandler extends TunnelCodec {

    /**
     * Limit of the bytes that are kept after the first message, before a backend has switched protocols. Clients
     * normally send less. Up to the limit reading continues, so that a disconnect is noticed.
     */
    private static final int MAX_EARLY_BYTES = 64 * 1024;

    /**
     * Up to this number of bytes, an incomplete frame is held without a check of the memory limit. Nearly every message
     * is shorter.
     */
    private static final int UNCHECKED_FRAME_BYTES = 64 * 1024;

    /**
     * User event: the final frame follows, so nothing more is exchanged with the client.
     *
     * @param reason for operators
     */
    record Closing(String reason) {}

    private static final String CLOSED_BY_CLIENT = "client closed the WebSocket";

    private final int maxBytes;
    private final LongPredicate memoryLimit;
    private final CloseFrameFinder closeFrames = new CloseFrameFinder();
    private final HeldPieces earlyData = new HeldPieces();
    private final WebSocketErrorEvent errorEvent = new WebSocketErrorEvent();

    private @Nullable ChannelHandlerContext ctx;
    private long messageBytes;
    private boolean tunnelling;

    /** Whether the close frame has been written, so that everything that the client still sends is dropped. */
    private boolean closing;

    /**
     * @param maxBytes maximum length of the message
     * @param memoryLimit tests whether this number of bytes of an incomplete frame may be held
     */
    FirstMessageHandler(int maxBytes, LongPredicate memoryLimit) {
        this.maxBytes = maxBytes;
        this.memoryLimit = memoryLimit;
    }

    WebSocket13FrameDecoder decoder() {
        return new FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(false)
                .maxFramePayloadLength(maxBytes)
                .build());
    }

    /**
     * Netty's frame decoder with a memory limit. Netty holds a frame until it is complete. This decoder does so only
     * within {@link #memoryLimit}; otherwise it closes the WebSocket.
     */
    private final class FrameDecoder extends WebSocket13FrameDecoder {

        FrameDecoder(WebSocketDecoderConfig config) {
            super(config);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
            if (!closing) {
                super.decode(context, in, out);
                boolean gathersFrame = out.isEmpty() && in.readableBytes() > UNCHECKED_FRAME_BYTES;
                if (gathersFrame && !memoryLimit.test(in.readableBytes())) {
                    close(
                            new CloseWebSocketFrame(WebSocketCloseStatus.TRY_AGAIN_LATER),
                            "no memory within limits.held-total");
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
        earlyData.release();
    }

    /**
     * Becomes a tunnel, because a backend has switched protocols. From now on bytes pass in both directions unchanged.
     */
    void becomeTunnel() {
        tunnelling = true;
        ctx.pipeline().remove(WebSocket13FrameEncoder.class);
        for (ByteBuf piece; (piece = earlyData.poll()) != null; ) {
            super.channelRead(ctx, piece);
        }
        ctx.fireChannelReadComplete();
    }

    // Data from the client.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof WebSocketFrame frame) {
            onFrame(frame);
        } else if (!(message instanceof ByteBuf data)) {
            // This is the end of the handshake request, which has no body.
            ReferenceCountUtil.release(message);
        } else if (tunnelling) {
            super.channelRead(context, data);
        } else {
            onEarlyData(data);
        }
    }

    private void onEarlyData(ByteBuf data) {
        if (closing) {
            data.release();
            return;
        }
        boolean isClosing = closeFrames.isIn(data);
        earlyData.hold(data);
        if (isClosing) {
            earlyData.release();
            close(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE.code(), ""), CLOSED_BY_CLIENT);
        } else if (earlyData.bytes() > MAX_EARLY_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void onFrame(WebSocketFrame frame) {
        // Not every ping needs a pong (RFC 6455, section 5.5.3), so no pong is sent to a client that does not read.
        if (frame instanceof PingWebSocketFrame && ctx.channel().isWritable()) {
            ctx.writeAndFlush(new PongWebSocketFrame(frame.content()));
        } else if (frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame) {
            frame.release();
        } else if (frame instanceof CloseWebSocketFrame) {
            close(new CloseWebSocketFrame(true, 0, frame.content()), CLOSED_BY_CLIENT);
        } else if (frame instanceof BinaryWebSocketFrame) {
            refuse(frame, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
        } else {
            onMessagePart(frame);
        }
    }

    private void onMessagePart(WebSocketFrame frame) {
        messageBytes += frame.content().readableBytes();
        if (messageBytes > maxBytes) {
            refuse(frame, WebSocketCloseStatus.MESSAGE_TOO_BIG);
            return;
        }
        boolean complete = frame.isFinalFragment();
        ctx.fireChannelRead(new DefaultHttpContent(frame.content()));
        if (complete) {
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
            ctx.pipeline().remove(WebSocket13FrameDecoder.class);
        }
    }

    private void refuse(WebSocketFrame frame, WebSocketCloseStatus status) {
        frame.release();
        close(new CloseWebSocketFrame(status), "first message refused");
    }

    private void close(CloseWebSocketFrame frame, String reason) {
        closing = true;
        ctx.fireUserEventTriggered(new Closing(reason));
        ctx.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (tunnelling || event != ChannelInputShutdownEvent.INSTANCE) {
            super.userEventTriggered(context, event);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (tunnelling) {
            super.channelInactive(context);
        } else {
            context.fireChannelInactive();
        }
    }

    // Data for the client.

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (tunnelling || message instanceof WebSocketFrame) {
            super.write(context, message, promise);
        } else if (message instanceof HttpResponse response) {
            errorEvent.onHead(response.status().code());
            discard(message, promise);
        } else if (message instanceof ByteBuf data && data.isReadable()) {
            errorEvent.addBody(data);
            discard(message, promise);
        } else if (message instanceof LastHttpContent) {
            closing = true;
            context.write(new TextWebSocketFrame(errorEvent.text()));
            context.write(new CloseWebSocketFrame(WebSocketCloseStatus.INTERNAL_SERVER_ERROR));
            super.write(context, message, promise);
        } else {
            context.write(message, promise);
        }
    }

    private static void discard(Object message, ChannelPromise promise) {
        ReferenceCountUtil.release(message);
        promise.trySuccess();
    }
}

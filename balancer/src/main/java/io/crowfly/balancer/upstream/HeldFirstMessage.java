package io.crowfly.balancer.upstream;

import io.crowfly.balancer.transport.TunnelCodec;
import io.crowfly.balancer.transport.WebSocketAccept;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Queue;

/**
 * The first message of a client's WebSocket, held until the backend has switched protocols and then sent to it. Crowfly
 * itself makes the handshake with that backend. The message must be complete before it is sent, because a frame starts
 * with its length. Owns the buffers.
 */
final class HeldFirstMessage {

    private static final int KEY_BYTES = 16;

    /** Source of keys and masks. Masks must be unpredictable for the author of the message (RFC 6455, section 10.3). */
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String key = newKey();
    private final Queue<ByteBuf> pieces = new ArrayDeque<>();
    private boolean discarded;

    /**
     * Returns a new key for the handshake. A key only proves that the server supports WebSockets; it is not a secret
     * (RFC 6455, section 4.1).
     */
    private static String newKey() {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    /**
     * Sets the handshake headers for the backend in {@code headers}, and removes those that apply only between the
     * client and Crowfly.
     */
    void setHandshakeHeaders(HttpHeaders headers) {
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    }

    boolean isAcceptedBy(HttpHeaders responseHeaders) {
        return WebSocketAccept.valueFor(key).equals(responseHeaders.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))
                && !responseHeaders.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)
                && !responseHeaders.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    }

    /** Adds a piece of the message. Takes ownership of the piece. */
    void add(ByteBuf piece) {
        if (discarded) {
            piece.release();
        } else {
            pieces.add(piece);
        }
    }

    /** Releases the message, because it will not be sent. */
    void discard() {
        discarded = true;
        for (ByteBuf piece; (piece = pieces.poll()) != null; ) {
            piece.release();
        }
    }

    /** Sends the message over a connection that has become a tunnel, and gives up the ownership of its buffers. */
    void sendOver(Channel channel) {
        CompositeByteBuf message = channel.alloc().compositeBuffer(Math.max(1, pieces.size()));
        for (ByteBuf piece; (piece = pieces.poll()) != null; ) {
            message.addComponent(true, piece);
        }
        ChannelHandlerContext tunnel = channel.pipeline().context(TunnelCodec.class);
        WebSocket13FrameEncoder maskingEncoder = new WebSocket13FrameEncoder(RANDOM::nextInt);
        channel.pipeline().addBefore(tunnel.name(), null, maskingEncoder);
        channel.writeAndFlush(new TextWebSocketFrame(message), channel.voidPromise());
        channel.pipeline().remove(maskingEncoder);
    }
}

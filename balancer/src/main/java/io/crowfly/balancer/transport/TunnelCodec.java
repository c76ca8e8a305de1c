package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;

/**
 * Takes the place of HTTP/1.1's codec on a connection that has gone over to another protocol (RFC 9110 section 7.8). Who
 * stands behind it goes on as before: bytes are content, by reference and unread, and the last content is the end of what one
 * side says, which is a half-close or, with TLS, a goodbye.
 */
public class TunnelCodec extends ChannelDuplexHandler {

    private boolean inputEnded;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        // Behind a codec that is just going it may still be told of HTTP's.
        ctx.fireChannelRead(message instanceof ByteBuf data ? new DefaultHttpContent(data) : message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            endInput(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endInput(ctx);
        ctx.fireChannelInactive();
    }

    private void endInput(ChannelHandlerContext ctx) {
        if (!inputEnded) {
            inputEnded = true;
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
            // Some transports tell of the end behind the read in which it came.
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            // Behind what waits to be written: that would be dropped otherwise.
            ctx.write(Unpooled.EMPTY_BUFFER, promise.unvoid()).addListener(written -> endOutput(ctx));
        } else {
            ctx.write(message, promise);
        }
    }

    private static void endOutput(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else {
            ((DuplexChannel) ctx.channel()).shutdownOutput();
        }
    }
}

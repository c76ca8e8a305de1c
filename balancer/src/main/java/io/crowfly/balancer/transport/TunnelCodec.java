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
 * Handler that replaces the HTTP/1.1 codec on a connection that has switched to another protocol (RFC 9110, section
 * 7.8). Handlers behind it work as before: bytes become HTTP content, passed by reference and unread. The last content
 * is the end of one direction: a half-close, or a {@code close_notify} with TLS.
 */
public class TunnelCodec extends ChannelDuplexHandler {

    private boolean inputEnded;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        // A codec that is being removed may still emit HTTP objects.
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
            // Some transports report the end of input only after channelReadComplete() of the read in which it was
            // found.
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            // The output is shut down after the pending writes, because a shutdown would drop them.
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

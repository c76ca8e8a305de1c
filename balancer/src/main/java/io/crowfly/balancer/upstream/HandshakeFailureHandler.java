package io.crowfly.balancer.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Closes the connection after a failed TLS handshake. The future of the handshake has reported the failure already, and
 * Netty would log the exception again with its stack trace.
 */
final class HandshakeFailureHandler extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}

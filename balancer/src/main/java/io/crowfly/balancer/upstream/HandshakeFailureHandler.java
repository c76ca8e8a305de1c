package io.crowfly.balancer.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Handler that closes the connection to a backend after a failed TLS handshake. It stops the exception, because the
 * future of the handshake has reported the failure already, and Netty would log the exception again with its stack
 * trace.
 */
final class HandshakeFailureHandler extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}

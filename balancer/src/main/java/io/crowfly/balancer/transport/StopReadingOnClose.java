package io.crowfly.balancer.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/*
 * Netty's io_uring transport (4.2.18) puts a close off while a write is under way. When it is asked to close in the middle
 * of a read, it arms its poll for input once more at the end of that read, and nothing cancels that poll: it holds the
 * socket open in the kernel after the close, and the peer never sees it. Where nobody can ask for a read any more, be it
 * the channel by itself or one of Netty's decoders, nothing is armed.
 */

/** Goes first in a connection's pipeline: once anybody closes the channel, nothing more is read of it. */
public final class StopReadingOnClose extends ChannelOutboundHandlerAdapter {

    private boolean closing;

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        closing = true;
        ctx.channel().config().setAutoRead(false);
        ctx.close(promise);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!closing) {
            ctx.read();
        }
    }
}

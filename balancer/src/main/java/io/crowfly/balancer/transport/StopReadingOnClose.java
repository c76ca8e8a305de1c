package io.crowfly.balancer.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/*
 * Netty's io_uring transport (4.2.18) delays a close while a write is in progress. If the close is requested during a
 * read, the transport arms its poll for input again at the end of that read, and nothing cancels this poll. The poll
 * keeps the socket open in the kernel after the close, so the peer never sees the close. If no read can be requested
 * any more, neither by the channel nor by a decoder of Netty, no poll is armed.
 */

/**
 * First handler of every pipeline: stops all reads as soon as the channel is closed. Works around an error of Netty's
 * io_uring transport.
 */
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

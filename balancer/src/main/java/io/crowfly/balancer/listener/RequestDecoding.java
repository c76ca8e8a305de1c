package io.crowfly.balancer.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;

/*
 * A client may send many requests before it has the first response (pipelining). A request of 26 bytes needs twenty
 * times as much on the heap once it is decoded. So while one decoded request waits, the bytes after it stay in the
 * buffer of their read.
 */

/** Decoder of one client connection, and control of when it decodes. Confined to the loop of the connection. */
final class RequestDecoding {

    private final Channel channel;
    private final Runnable onResumed;
    private RequestDecoder decoder;

    /** @param onResumed runs after {@link #resume} when all bytes have been decoded that can be */
    RequestDecoding(Channel channel, RequestDecoder decoder, Runnable onResumed) {
        this.channel = channel;
        this.decoder = decoder;
        this.onResumed = onResumed;
    }

    /** Leaves further bytes undecoded until {@link #resume}. */
    void pause() {
        decoder.setPaused(true);
    }

    /** Decodes again, also the bytes that were left. They are decoded in a later task of the loop. */
    void resume() {
        decoder.setPaused(false);
        if (decoder.hasUndecoded()) {
            channel.eventLoop().execute(this::decodeRest);
        }
    }

    private void decodeRest() {
        ChannelHandlerContext ctx = channel.pipeline().context(decoder);
        if (ctx == null) {
            return;
        }
        try {
            decoder.decodeUndecoded(ctx);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
        onResumed.run();
    }

    /** Returns whether bytes have been left undecoded. */
    boolean hasUndecoded() {
        return decoder.hasUndecoded();
    }

    /** Drops the bytes that were left undecoded, and decodes those that follow. */
    void dropUndecoded() {
        decoder.dropUndecoded();
    }

    /** Returns whether a part of a head has been received. Call only between two requests. */
    boolean isInsideHead() {
        return decoder.isInsideHead();
    }

    /** Releases the memory of a long head that is not needed any more. Call only between two requests. */
    void releaseLongHead() {
        if (decoder.hasFinishedLongHead() && !decoder.hasUndecoded()) {
            RequestDecoder successor = decoder.successor();
            channel.pipeline().replace(decoder, null, successor);
            decoder = successor;
        }
    }
}

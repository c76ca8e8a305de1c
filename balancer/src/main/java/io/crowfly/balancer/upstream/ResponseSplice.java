package io.crowfly.balancer.upstream;

import io.crowfly.balancer.message.SpliceTarget;
import io.crowfly.balancer.transport.Splice;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * While the body is spliced, the channel reads only if the backend has sent a FIN or a reset. What the channel reads
 * then comes after the bytes in the pipe, so it is held until the pipe is empty. At most the receive buffer of the
 * kernel is held. The channel may be closed and its pipeline be empty by then, so the connection is called without the
 * pipeline.
 */

/**
 * Handler before an {@link Http1Connection} while the rest of a response's body is spliced to the client. At the end it
 * passes on the end of the body, or what the channel has read instead.
 */
final class ResponseSplice extends ChannelInboundHandlerAdapter implements Splice.Receiver {

    /**
     * Below this length of the rest, one or two reads and writes cost no more than a splice, which needs some further
     * system calls (docs/performance.md).
     */
    static final long MIN_BYTES = 256 * 1024;

    private final Http1Connection connection;
    private final ChannelHandlerContext connectionContext;
    private final ResponseDecoder decoder;
    private final SpliceTarget target;
    private final ArrayDeque<Object> held = new ArrayDeque<>(0);

    /** Never null after {@link #of}. */
    private @Nullable Splice splice;

    /** Bytes of the body that have not been taken from the socket. */
    private long left;

    private boolean inactive;
    private boolean finished;

    private ResponseSplice(
            Http1Connection connection,
            ChannelHandlerContext connectionContext,
            ResponseDecoder decoder,
            SpliceTarget target,
            long bytes) {
        this.connection = connection;
        this.connectionContext = connectionContext;
        this.decoder = decoder;
        this.target = target;
        left = bytes;
    }

    /**
     * Returns a new splice, which {@link #start} starts; empty if there are too many, or if the connection is not
     * suitable.
     *
     * @param bytes length of the rest of the body
     */
    static Optional<ResponseSplice> of(
            Http1Connection connection,
            ChannelHandlerContext context,
            ResponseDecoder decoder,
            SpliceTarget target,
            long bytes) {
        if (!Splice.isSupported(context.channel())) {
            return Optional.empty();
        }
        ResponseSplice created = new ResponseSplice(connection, context, decoder, target, bytes);
        return Splice.between(context.channel(), target.channel(), bytes, created)
                .map(created::with);
    }

    private ResponseSplice with(Splice newSplice) {
        splice = newSplice;
        return this;
    }

    /** Starts the splice. Call at the end of a read, when all that was read has been sent. */
    void start() {
        connectionContext.channel().config().setAutoRead(false);
        decoder.expectRest(left);
        connectionContext.pipeline().addBefore(connectionContext.name(), null, this);
        // The promise of this write completes after those of all earlier writes.
        target.channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (written.isSuccess()) {
                splice.start();
            } else {
                onTargetFailure(written.cause());
            }
        });
    }

    /** Returns whether the client does not read, so that the body cannot be passed on. */
    boolean awaitsClient() {
        return splice.awaitsTarget();
    }

    /** Ends the splice. The caller closes the connection. */
    void stop() {
        finished = true;
        splice.stop();
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    // Events of the splice.

    @Override
    public void onTaken(int bytes) {
        left -= bytes;
        decoder.skip(bytes);
    }

    @Override
    public void onPassed(int bytes) {
        target.onPassed().accept(bytes);
    }

    @Override
    public void onEnd() {
        finished = true;
        connection.onSpliceEnd();
        if (!connectionContext.isRemoved()) {
            connectionContext.pipeline().remove(this);
        }
        if (left == 0) {
            connection.channelRead(connectionContext, LastHttpContent.EMPTY_LAST_CONTENT);
        }
        for (Object message; (message = held.poll()) != null; ) {
            connection.channelRead(connectionContext, message);
        }
        connection.channelReadComplete(connectionContext);
        if (inactive) {
            connection.channelInactive(connectionContext);
        } else if (left > 0) {
            connection.setReading(true);
        }
    }

    @Override
    public void onTargetFailure(Throwable cause) {
        if (!finished) {
            // As after a failed write: the client's connection ends the exchange.
            target.channel().pipeline().fireExceptionCaught(cause);
        }
    }

    // Events of the channel.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (finished) {
            ctx.fireChannelRead(message);
        } else {
            held.add(message);
            splice.endSource();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (finished) {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (finished) {
            ctx.fireChannelInactive();
        } else {
            inactive = true;
            splice.endSource();
        }
    }
}

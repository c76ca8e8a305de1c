package io.crowfly.bench.endpoint;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: one request at a time gets its service, pipelined ones wait their turn. Reading goes on while an
 * answer is under way, because only a read notices that the client has left.
 */
final class ConnectionHandler extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    /** Objects of pipelined requests that may wait; past it the connection isn't read until the answer is out. */
    private static final int MOST_WAITING = 64;

    private final Router router;
    private final Seen.Journal journal;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private @Nullable Exchange exchange;
    private @Nullable Service service;
    private boolean requestWhole;
    private boolean catchingUp;

    ConnectionHandler(Router router, Seen.Journal journal) {
        this.router = router;
        this.journal = journal;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        journal.connected();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HttpObject part = (HttpObject) message;
        if (requestWhole || !waiting.isEmpty()) {
            waiting.add(part);
            if (waiting.size() > MOST_WAITING) {
                ctx.channel().config().setAutoRead(false);
            }
        } else {
            take(ctx, part);
        }
    }

    /** Takes the part over. */
    private void take(ChannelHandlerContext ctx, HttpObject part) {
        try {
            if (part.decoderResult().isFailure()) {
                refuseMalformed(ctx);
                return;
            }
            if (part instanceof HttpRequest request) {
                begin(ctx, request);
            }
            if (part instanceof HttpContent content && service != null && exchange != null) {
                journal.received(exchange, content.content().readableBytes());
                service.body(content.content());
                if (content instanceof LastHttpContent) {
                    requestWhole = true;
                    service.end();
                }
            }
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        Exchange begun = new Exchange(ctx, request, () -> done(ctx));
        exchange = begun;
        journal.began(begun);
        service = router.serviceFor(begun);
        if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void done(ChannelHandlerContext ctx) {
        if (exchange != null) {
            journal.finished(exchange);
        }
        exchange = null;
        service = null;
        requestWhole = false;
        if (catchingUp) {
            return;
        }
        catchingUp = true;
        while (!requestWhole && !waiting.isEmpty()) {
            take(ctx, waiting.remove());
        }
        catchingUp = false;
        if (waiting.isEmpty()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void refuseMalformed(ChannelHandlerContext ctx) {
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, Unpooled.EMPTY_BUFFER);
        HttpUtil.setContentLength(response, 0);
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (service != null && ctx.channel().isWritable()) {
            service.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** Closed from this side: whatever is under way ends, but nobody has cancelled it. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (exchange != null) {
            exchange.over();
        }
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        journal.disconnected();
        if (exchange != null) {
            if (exchange.isOver()) {
                journal.finished(exchange);
            } else {
                exchange.over();
                journal.cancelled(exchange);
            }
            exchange = null;
            service = null;
        }
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause.getCause() instanceof IOException)) {
            LOG.warn("a simulated endpoint closes a connection", cause);
        }
        ctx.close();
    }
}

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
 * Handler of one client connection of the simulated endpoint: one request at a time; pipelined requests wait in a
 * queue. The handler reads during a response too, because only a read detects that the client has disconnected.
 */
final class EndpointConnectionHandler extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointConnectionHandler.class);

    /**
     * Limit of the queued parts (heads and pieces of bodies) of pipelined requests. Above it, reading stops until the
     * current response is sent.
     */
    private static final int MAX_QUEUED_PARTS = 64;

    private final EndpointRouter router;
    private final EndpointStatistics.Recorder recorder;
    private final Deque<HttpObject> queued = new ArrayDeque<>();
    private @Nullable EndpointExchange exchange;
    private @Nullable EndpointService service;
    private boolean requestComplete;
    private boolean drainingQueue;

    EndpointConnectionHandler(EndpointRouter router, EndpointStatistics.Recorder recorder) {
        this.router = router;
        this.recorder = recorder;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        recorder.connected();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HttpObject part = (HttpObject) message;
        if (requestComplete || !queued.isEmpty()) {
            queued.add(part);
            if (queued.size() > MAX_QUEUED_PARTS) {
                ctx.channel().config().setAutoRead(false);
            }
        } else {
            handlePart(ctx, part);
        }
    }

    /** Handles one part of a request and releases it. */
    private void handlePart(ChannelHandlerContext ctx, HttpObject part) {
        try {
            if (part.decoderResult().isFailure()) {
                refuseMalformed(ctx);
                return;
            }
            if (part instanceof HttpRequest request) {
                startExchange(ctx, request);
            }
            if (part instanceof HttpContent content && service != null && exchange != null) {
                recorder.bodyReceived(exchange, content.content().readableBytes());
                service.receiveBody(content.content());
                if (content instanceof LastHttpContent) {
                    requestComplete = true;
                    service.requestComplete();
                }
            }
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void startExchange(ChannelHandlerContext ctx, HttpRequest request) {
        EndpointExchange started = new EndpointExchange(ctx, request, () -> exchangeDone(ctx));
        exchange = started;
        recorder.requestStarted(started);
        service = router.route(started);
        if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void exchangeDone(ChannelHandlerContext ctx) {
        if (exchange != null) {
            recorder.requestFinished(exchange);
        }
        exchange = null;
        service = null;
        requestComplete = false;
        if (drainingQueue) {
            return;
        }
        drainingQueue = true;
        while (!requestComplete && !queued.isEmpty()) {
            handlePart(ctx, queued.remove());
        }
        drainingQueue = false;
        if (queued.isEmpty()) {
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

    /**
     * Closes the connection and ends the exchange. The exchange does not count as cancelled, because the endpoint
     * closes the connection, not the client.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (exchange != null) {
            exchange.end();
        }
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        recorder.disconnected();
        if (exchange != null) {
            if (exchange.isEnded()) {
                recorder.requestFinished(exchange);
            } else {
                exchange.end();
                recorder.requestCancelled(exchange);
            }
            exchange = null;
            service = null;
        }
        queued.forEach(ReferenceCountUtil::release);
        queued.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause.getCause() instanceof IOException)) {
            LOG.warn("The simulated endpoint closes a connection because of an error", cause);
        }
        ctx.close();
    }
}

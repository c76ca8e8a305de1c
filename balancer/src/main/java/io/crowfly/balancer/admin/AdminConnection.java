package io.crowfly.balancer.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handler of one admin connection: serves one request at a time. It reads the next request only when the response has
 * been written, so that a connection never holds more than one response in memory. Confined to the control loop.
 */
final class AdminConnection extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(AdminConnection.class);

    /** No admin request needs a body. The limit only lets the connection skip a body that is sent anyway. */
    private static final int MAX_BODY_BYTES = 16 * 1024;

    /** Number of pieces of a body from which they are copied into one: each piece keeps the buffer of its read. */
    private static final int MAX_BODY_PIECES = 16;

    /** Longer than Prometheus' usual scrape interval, so that its connection stays open between scrapes. */
    private static final int IDLE_SECONDS = 120;

    private final AdminPages pages;
    private boolean awaitsRequest;

    private AdminConnection(AdminPages pages) {
        this.pages = pages;
    }

    static void install(Channel channel, AdminPages pages) {
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addLast(
                        new IdleStateHandler(0, 0, IDLE_SECONDS),
                        new HttpServerCodec(),
                        aggregator(),
                        new FlowControlHandler(),
                        new AdminConnection(pages));
    }

    private static HttpObjectAggregator aggregator() {
        HttpObjectAggregator aggregator = new HttpObjectAggregator(MAX_BODY_BYTES);
        aggregator.setMaxCumulationBufferComponents(MAX_BODY_PIECES);
        return aggregator;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        awaitRequest(ctx);
    }

    private void awaitRequest(ChannelHandlerContext ctx) {
        awaitsRequest = true;
        ctx.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (awaitsRequest) {
            // A part of a request has been read. Netty's FlowControlHandler would keep the request once it is complete.
            ctx.read();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        awaitsRequest = false;
        Optional<AdminRequest> parsed = AdminRequest.parse(request);
        if (parsed.isEmpty()) {
            send(ctx, AdminResponse.error(400, "the request is not valid HTTP/1.1"), false);
            return;
        }
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        respond(parsed.get()).whenComplete((response, failure) -> ctx.executor()
                .execute(() -> send(
                        ctx,
                        failure == null ? response : failureResponse(failure),
                        keepAlive && pages.keepsConnections())));
    }

    /** Returns the response of the page. A page that throws gets a 500 too, so that no request is left without one. */
    private CompletableFuture<AdminResponse> respond(AdminRequest request) {
        try {
            return pages.respond(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static AdminResponse failureResponse(Throwable failure) {
        LOG.error("an admin page failed", failure);
        return AdminResponse.error(500, "this page failed; the log has the reason");
    }

    private void send(ChannelHandlerContext ctx, AdminResponse response, boolean keepAlive) {
        FullHttpResponse message = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                Unpooled.wrappedBuffer(response.body()));
        HttpHeaders headers = message.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        response.headers().forEach(headers::set);
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        ctx.writeAndFlush(message).addListener((ChannelFutureListener) write -> {
            if (keepAlive && write.isSuccess()) {
                awaitRequest(ctx);
            } else {
                ctx.close();
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}

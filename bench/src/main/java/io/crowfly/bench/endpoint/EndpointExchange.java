package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a connection of the simulated endpoint. Writes head, body and end in this order, and
 * applies the keep-alive rules. It has one timer, for the next step of the response, which stops when the connection
 * ends. Used on the connection's event loop only.
 */
final class EndpointExchange {

    final HttpRequest request;
    final QueryStringDecoder uri;
    private final ChannelHandlerContext ctx;
    private final Runnable whenDone;
    private final boolean keepAlive;
    private @Nullable ScheduledFuture<?> timer;
    private boolean ended;
    private int eventsSent;

    EndpointExchange(ChannelHandlerContext ctx, HttpRequest request, Runnable whenDone) {
        this.ctx = ctx;
        this.request = request;
        this.uri = new QueryStringDecoder(request.uri());
        this.whenDone = whenDone;
        this.keepAlive = HttpUtil.isKeepAlive(request);
    }

    /** Returns the path of the request without the query. */
    String path() {
        return uri.path();
    }

    boolean isEnded() {
        return ended;
    }

    /** Returns the number of events of the token stream that have been written. */
    int eventsSent() {
        return eventsSent;
    }

    /** Schedules a task, which runs unless the exchange ends earlier. Replaces a task that is still scheduled. */
    void schedule(long nanos, Runnable task) {
        stopTimer();
        timer = ctx.executor()
                .schedule(
                        () -> {
                            if (!ended) {
                                task.run();
                            }
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    void respond(PreparedResponse prepared) {
        ByteBuf body = request.method().equals(HttpMethod.HEAD)
                ? Unpooled.EMPTY_BUFFER
                : prepared.body().fill(ctx.alloc(), prepared.values());
        HttpHeaders headers = prepared.headers();
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, prepared.status(), body);
        response.headers().set(headers);
        HttpUtil.setContentLength(response, body.readableBytes());
        setConnectionHeader(response);
        ctx.writeAndFlush(response);
        responseSent();
    }

    /** Starts a response whose body is sent with {@link #send}. Without a length the body is chunked. */
    void startResponse(HttpResponseStatus status, HttpHeaders headers, OptionalLong length) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        response.headers().set(headers);
        if (length.isPresent()) {
            HttpUtil.setContentLength(response, length.getAsLong());
        } else if (!request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        setConnectionHeader(response);
        ctx.write(response);
    }

    private void setConnectionHeader(HttpResponse response) {
        if (closesAfter()) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private boolean closesAfter() {
        return !keepAlive || request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    }

    /** Writes a piece of the body and takes ownership of the buffer. Nothing is sent before {@link #flush}. */
    void send(ByteBuf bytes) {
        ctx.write(new DefaultHttpContent(bytes));
    }

    /** Writes and counts one event of a token stream, like {@link #send}. */
    void sendEvent(ByteBuf bytes) {
        eventsSent++;
        send(bytes);
    }

    void flush() {
        ctx.flush();
    }

    boolean writable() {
        return ctx.channel().isWritable();
    }

    ChannelHandlerContext context() {
        return ctx;
    }

    void finishResponse() {
        ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        responseSent();
    }

    private void responseSent() {
        end();
        if (closesAfter()) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
        whenDone.run();
    }

    /** Closes the connection with a TCP reset after the data written so far has been sent. */
    void reset() {
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            ctx.channel().close();
        });
    }

    /** Ends the exchange and stops its timer, because the response is complete or the connection is closed. */
    void end() {
        ended = true;
        stopTimer();
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}

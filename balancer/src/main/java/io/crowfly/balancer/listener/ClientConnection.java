package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Downstream;
import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.exchange.RequestHead;
import io.crowfly.balancer.exchange.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection of a client: turns what is decoded into exchanges, one after the other. Confined to its loop. */
final class ClientConnection extends ChannelInboundHandlerAdapter implements Downstream {

    /** What is left of a body that was answered early is read for the next request's sake, if it is no longer than this. */
    private static final long SHORT_BODY_BYTES = 64 * 1024;

    /** How long a client that was answered early may go on sending before the connection is closed on it. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int REQUEST_TIMEOUT = 408;

    private final Channel channel;
    private final String scheme;
    private final Exchanges exchanges;
    private final Sweep sweep;
    private final ResponseEncoder encoder;
    private final Runnable onClose;
    private final ArrayDeque<HttpObject> pipelined = new ArrayDeque<>(0);

    /** The connection's place in the sweep's list; the sweep's own. */
    int sweepIndex;

    private @Nullable Exchange exchange;
    private boolean http11 = true;
    private boolean keepAlive = true;
    private boolean headRequest;
    private boolean headSent;

    /** Whether nothing but the close of the connection tells the client that the answer is whole. */
    private boolean endsByClosing;

    private boolean requestEnded = true;

    /** Whether the rest of the present request's body is sure to come, and soon over. */
    private boolean shortBody;

    private boolean exchangeReads = true;
    private boolean draining;
    private boolean discarding;
    private boolean handling;
    private final HalfClose halfClose = new HalfClose();
    private long quietSinceNanos = System.nanoTime();
    private final String client;

    ClientConnection(
            Channel channel,
            String scheme,
            Exchanges exchanges,
            Sweep sweep,
            ResponseEncoder encoder,
            Runnable onClose) {
        this.channel = channel;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.sweep = sweep;
        this.encoder = encoder;
        this.onClose = onClose;
        client = channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "unix";
    }

    // The connection's life.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        sweep.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave("client closed the connection");
    }

    /** Comes once for every connection, even one that closed before it was active. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        sweep.remove(this);
        onClose.run();
        releasePipelined();
        leave("client closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A reset, a failed write, a failed handshake: whatever it was, there is nobody to tell.
        leave("client connection broken");
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            if (exchange == null || !requestEnded || scheme.equals("https")) {
                leave("client closed the connection");
                channel.close();
            } else {
                long now = System.nanoTime();
                halfClose.begin(now);
                watchHalfClosed(now);
            }
        }
    }

    /** No more requests after the present one. */
    void drain() {
        draining = true;
        if (exchange == null && requestEnded && pipelined.isEmpty()) {
            channel.close();
        }
    }

    void close() {
        leave("connection given up");
        channel.close();
    }

    void onTick(long nowNanos) {
        if (discarding) {
            if (nowNanos - quietSinceNanos > LINGER_NANOS) {
                channel.close();
            }
        } else if (exchange != null) {
            if (halfClose.hasBegun()) {
                watchHalfClosed(nowNanos);
            }
            if (exchange != null) {
                exchange.onTick(nowNanos);
            }
        } else if (nowNanos - quietSinceNanos
                > exchanges.snapshot().conf().timeouts().idle().toNanos()) {
            channel.close();
        }
    }

    private void watchHalfClosed(long nowNanos) {
        switch (halfClose.look(nowNanos, headSent, http11)) {
            case WAITS -> {}
            case PROBE -> sendInterim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
            case GONE -> close();
        }
    }

    private void leave(String reason) {
        Exchange left = exchange;
        exchange = null;
        if (left != null) {
            left.onGone(reason);
        }
    }

    // What the client sends.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HttpObject part = (HttpObject) message;
        if (!pipelined.isEmpty() || part instanceof HttpRequest && exchange != null) {
            // Requests are answered in their order; the next one waits, and so does the reading of more.
            pipelined.add(part);
            updateReading();
        } else {
            handle(part);
        }
    }

    private void handle(HttpObject part) {
        if (part instanceof HttpRequest request) {
            onRequest(request);
        } else if (part instanceof HttpContent content) {
            onContent(content);
        } else {
            ReferenceCountUtil.release(part);
        }
    }

    private void onRequest(HttpRequest request) {
        if (discarding) {
            return;
        }
        requestEnded = false;
        headSent = false;
        http11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        keepAlive = HttpUtil.isKeepAlive(request);
        headRequest = request.method().equals(HttpMethod.HEAD);
        encoder.answeringHead(headRequest);
        RequestHead head;
        try {
            head = Http1Requests.head(request, scheme);
        } catch (Http1Requests.Refused refused) {
            keepAlive = false;
            refused.answer().sendTo(this, exchanges.newRequestId());
            return;
        }
        shortBody = !head.expectsContinue()
                && head.contentLength() != RequestHead.UNKNOWN_LENGTH
                && head.contentLength() <= SHORT_BODY_BYTES;
        Exchange began = exchanges.create(head, this);
        exchange = began;
        began.start();
    }

    private void onContent(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        requestEnded |= last;
        Exchange to = exchange;
        if (content.decoderResult().isFailure()) {
            content.release();
            keepAlive = false;
            requestEnded = false;
            if (to != null) {
                to.onBadRequest(
                        Http1Requests.undecodable(content.decoderResult().cause()));
            }
            return;
        }
        if (to == null) {
            // Answered already: what is left of the request is read and dropped.
            content.release();
            if (last) {
                afterExchange();
            }
            return;
        }
        ByteBuf data = content.content();
        if (data.isReadable()) {
            to.onBody(data);
        } else {
            data.release();
        }
        if (last) {
            to.onEnd(((LastHttpContent) content).trailingHeaders());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.onWritabilityChanged();
        }
    }

    // What the exchange sends.

    @Override
    public String client() {
        return client;
    }

    @Override
    public void sendInterim(ResponseHead head) {
        if (http11) {
            // Full, though it has no body: the encoder would wait for the end of one before it takes the next head.
            write(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(head.status()),
                    Unpooled.EMPTY_BUFFER,
                    head.headers(),
                    EmptyHttpHeaders.INSTANCE));
            channel.flush();
        }
    }

    @Override
    public void sendHead(ResponseHead head) {
        headSent = true;
        HttpHeaders headers = head.headers();
        HttpResponseStatus status = HttpResponseStatus.valueOf(head.status());
        boolean bodiless = headRequest || head.status() == 204 || head.status() == 304;
        boolean unframed = !bodiless && !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        endsByClosing = unframed && !http11;
        if (unframed) {
            if (http11) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            } else {
                keepAlive = false;
            }
        }
        boolean bodyWillEnd = requestEnded || shortBody && head.status() != REQUEST_TIMEOUT;
        keepAlive &= !draining && bodyWillEnd;
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (!http11) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers));
    }

    @Override
    public void sendBody(ByteBuf data) {
        write(data);
    }

    @Override
    public void sendEnd(HttpHeaders trailers) {
        exchange = null;
        if (http11 && !trailers.isEmpty()) {
            LastHttpContent last = new DefaultLastHttpContent();
            last.trailingHeaders().set(trailers);
            write(last);
        } else {
            write(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        channel.flush();
        afterExchange();
    }

    /** A write that fails comes back through {@link #exceptionCaught}; no promise is made for each. */
    private void write(Object message) {
        halfClose.wrote();
        channel.write(message, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void abort() {
        exchange = null;
        if (endsByClosing) {
            // A reset, since a plain close would make a whole answer of it.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        exchangeReads = reading;
        updateReading();
    }

    private void updateReading() {
        if (!halfClose.hasBegun()) {
            // After a FIN there is nothing to read, and asking epoll for more breaks the connection.
            channel.config().setAutoRead(exchangeReads && pipelined.isEmpty());
        }
    }

    // From one request to the next.

    /** The answer has been sent; the request may not have ended. */
    private void afterExchange() {
        quietSinceNanos = System.nanoTime();
        exchangeReads = true;
        if (!keepAlive) {
            hangUp();
        } else {
            handlePipelined();
        }
        updateReading();
    }

    /**
     * Closes once the answer is out. While the client is still sending, what it sends is read and dropped for a moment
     * first: a close with bytes unread would reset the connection, and could take the answer with it.
     */
    private void hangUp() {
        releasePipelined();
        if (requestEnded) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            discarding = true;
        }
    }

    private void handlePipelined() {
        if (handling) {
            return;
        }
        handling = true;
        while (exchange == null && !discarding && !pipelined.isEmpty()
                || exchange != null && !requestEnded && !pipelined.isEmpty()) {
            handle(pipelined.poll());
        }
        handling = false;
        if (exchange != null) {
            exchange.onReadComplete();
        }
        if (halfClose.hasBegun() && pipelined.isEmpty()) {
            endHalfClosed();
        }
    }

    /** The client has said all it had to say, and what it said has been taken up. */
    private void endHalfClosed() {
        if (exchange == null) {
            hangUp();
        } else if (!requestEnded) {
            leave("client closed the connection");
            channel.close();
        }
    }

    private void releasePipelined() {
        for (HttpObject part; (part = pipelined.poll()) != null; ) {
            ReferenceCountUtil.release(part);
        }
    }
}

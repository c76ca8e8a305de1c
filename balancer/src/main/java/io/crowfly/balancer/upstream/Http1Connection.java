package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.attempt.UpstreamStream;
import io.crowfly.balancer.message.HopByHopHeaders;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.transport.TunnelCodec;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A connection returns to its pool at the end of the read in which its response ended, not in the middle of that read.
 * If the backend has sent more than the response, the extra bytes are in the same read and must not become the response
 * to another request.
 *
 * A backend may respond before it has received the whole request, and then close. The write of the request then fails
 * while the response is still unread. Therefore reading continues after a failed write, and only the end of the input
 * decides the outcome of the request.
 */

/**
 * One HTTP/1.1 connection to a backend: encodes one request at a time, decodes its response into events, and returns to
 * the pool or closes. Confined to its event loop.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements UpstreamStream {

    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    private static final long UNKNOWN_LENGTH = -1;

    private final Channel channel;
    private final ConnectionPool pool;
    private final ResponseDecoder decoder;
    private final Connector.Connected connected;

    private @Nullable UpstreamEvents events;
    private boolean reused;
    private boolean requestStarted;
    private boolean requestEnded;
    private boolean chunked;

    /** Head of a request without a body, which is written together with its end. */
    private @Nullable HttpRequest headWithoutBody;

    private boolean upgradeRequested;
    private boolean switched;
    private @Nullable HeldFirstMessage firstMessage;
    private boolean skipsContentEnd;
    private boolean responseStarted;
    private boolean keepAlive;

    /**
     * Length of the rest of the response's body; below 0 if unknown, and 0 while {@link #splice} transfers the rest.
     */
    private long bodyLeft;

    private @Nullable ResponseSplice splice;

    /** Whether the response has neither a length nor chunks, so that only the close of the connection marks its end. */
    private boolean endsByClosing;

    /** The error that the transport reported before the close. */
    private @Nullable IOException transportError;

    /**
     * Whether the backend has sent a TLS {@code close_notify}. Without {@code close_notify}, a third party may have
     * closed the connection.
     */
    private boolean tlsCloseNotified;

    private boolean responseEnded;

    /** Number of checks of the pool at which the connection was idle. Only the pool uses this field. */
    int idleChecks;

    /** The addresses of the host that contained the address of this connection. Only the pool uses this field. */
    HostAddresses.@Nullable Snapshot checkedAddresses;

    Http1Connection(Connector.Connected connected, ConnectionPool pool, ResponseDecoder decoder) {
        this.connected = connected;
        this.channel = connected.channel();
        this.pool = pool;
        this.decoder = decoder;
    }

    // Methods for the pool.

    void startStream(UpstreamEvents receiver, boolean isReused) {
        events = receiver;
        reused = isReused;
        requestStarted = false;
        requestEnded = false;
        headWithoutBody = null;
        skipsContentEnd = false;
        responseStarted = false;
        responseEnded = false;
        receiver.onOpen(this);
    }

    boolean isUsable() {
        return channel.isActive();
    }

    InetAddress address() {
        return connected.address();
    }

    void close() {
        channel.close();
    }

    // Methods for the attempt.

    @Override
    public long connectNanos() {
        return reused ? 0 : connected.connectNanos();
    }

    @Override
    public long tlsNanos() {
        return reused ? 0 : connected.tlsNanos();
    }

    @Override
    public boolean reused() {
        return reused;
    }

    @Override
    public void sendHead(RequestHead head) {
        requestStarted = true;
        decoder.expectResponseTo(head.method());
        HttpHeaders headers = head.headers();
        headers.set(HttpHeaderNames.HOST, head.authority());
        firstMessage = head.bodyIsFirstMessage() ? new HeldFirstMessage() : null;
        chunked = firstMessage == null && head.contentLength() == RequestHead.UNKNOWN_LENGTH;
        if (chunked) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        upgradeRequested = head.requestsWebSocket();
        if (upgradeRequested) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        if (firstMessage != null) {
            firstMessage.setHandshakeHeaders(headers);
        }
        if (head.hasBody()) {
            write(new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), head.target(), headers));
        } else {
            headWithoutBody = new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    head.method(),
                    head.target(),
                    Unpooled.EMPTY_BUFFER,
                    headers,
                    EmptyHttpHeaders.INSTANCE);
        }
    }

    @Override
    public void sendBody(ByteBuf data) {
        writeHeadWithoutBody();
        if (firstMessage != null) {
            firstMessage.add(data);
        } else {
            write(data);
        }
    }

    @Override
    public void sendEnd(HttpHeaders trailers) {
        requestEnded = true;
        UpstreamEvents receiver = events;
        channel.write(endOfRequest(trailers)).addListener(written -> {
            if (!written.isSuccess()) {
                onFailedWrite(written.cause());
            } else if (receiver != null && events == receiver) {
                receiver.onSent();
            }
        });
    }

    private Object endOfRequest(HttpHeaders trailers) {
        if (headWithoutBody != null) {
            HttpRequest whole = headWithoutBody;
            headWithoutBody = null;
            return whole;
        }
        return chunked && !trailers.isEmpty() ? lastContentWith(trailers) : LastHttpContent.EMPTY_LAST_CONTENT;
    }

    /** Writes the head without its end, which has not been received yet. */
    private void writeHeadWithoutBody() {
        if (headWithoutBody != null) {
            HttpRequest head = headWithoutBody;
            headWithoutBody = null;
            write(new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), head.uri(), head.headers()));
        }
    }

    private static LastHttpContent lastContentWith(HttpHeaders trailers) {
        LastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set(trailers);
        return last;
    }

    /** Writes a message. {@link #exceptionCaught} reports failed writes, so that no write needs its own promise. */
    private void write(Object message) {
        channel.write(message, channel.voidPromise());
    }

    @Override
    public void flush() {
        writeHeadWithoutBody();
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        if (splice == null && reading != channel.config().isAutoRead()) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public boolean awaitsClient() {
        return splice != null && splice.awaitsClient();
    }

    @Override
    public void cancel() {
        events = null;
        stopSplice();
        if (requestStarted) {
            channel.close();
        } else {
            pool.returnToPool(this);
        }
    }

    // Data from the backend.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamEvents receiver = events;
        HttpObject part = (HttpObject) message;
        if (receiver == null || responseEnded) {
            // These bytes belong to no request, or to a request that has been cancelled.
            ReferenceCountUtil.release(message);
            channel.close();
        } else if (part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(new UpstreamFailure(
                    responseStarted ? Kind.CLOSED_DURING_RESPONSE : Kind.BAD_RESPONSE,
                    "bad response: "
                            + UpstreamFailures.describe(part.decoderResult().cause())));
        } else if (message instanceof HttpResponse response) {
            onHead(receiver, response);
        } else if (message instanceof HttpContent content) {
            onContent(receiver, content);
        }
    }

    private void onHead(UpstreamEvents receiver, HttpResponse response) {
        int status = response.status().code();
        HttpHeaders headers = response.headers();
        if (status == 101) {
            switchProtocols(receiver, headers);
        } else if (status < 200) {
            skipsContentEnd = true;
            // A 100 is a response to an Expect header, and Crowfly sends no such header on this connection. So it is
            // not passed on.
            if (status != 100) {
                HopByHopHeaders.strip(headers);
                receiver.onInterim(new ResponseHead(status, headers));
            }
        } else {
            responseStarted = true;
            if (firstMessage != null) {
                firstMessage.discard();
            }
            keepAlive = HttpUtil.isKeepAlive(response);
            bodyLeft = HttpUtil.getContentLength(response, UNKNOWN_LENGTH);
            endsByClosing = bodyLeft == UNKNOWN_LENGTH && !HttpUtil.isTransferEncodingChunked(response);
            HopByHopHeaders.strip(headers);
            receiver.onHead(new ResponseHead(status, headers));
        }
    }

    private void switchProtocols(UpstreamEvents receiver, HttpHeaders headers) {
        if (!upgradeRequested || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            fail(new UpstreamFailure(Kind.BAD_RESPONSE, "switched protocols without a request to do so"));
            return;
        }
        boolean accepted = firstMessage == null
                ? headers.contains(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)
                : firstMessage.isAcceptedBy(headers);
        if (!accepted) {
            fail(new UpstreamFailure(Kind.BAD_RESPONSE, "bad WebSocket handshake"));
            return;
        }
        switched = true;
        skipsContentEnd = true;
        responseStarted = true;
        keepAlive = false;
        endsByClosing = true;
        HopByHopHeaders.strip(headers);
        channel.pipeline().replace(HttpRequestEncoder.class, null, new TunnelCodec());
        if (firstMessage != null) {
            firstMessage.sendOver(channel);
            firstMessage = null;
        }
        receiver.onHead(new ResponseHead(101, headers));
    }

    private void onContent(UpstreamEvents receiver, HttpContent content) {
        if (skipsContentEnd) {
            content.release();
            skipsContentEnd = false;
            if (switched) {
                // On its removal, the decoder emits the bytes that it has already read.
                channel.pipeline().remove(decoder);
            }
            return;
        }
        ByteBuf data = content.content();
        bodyLeft -= data.readableBytes();
        if (data.isReadable()) {
            receiver.onBody(data);
        } else {
            data.release();
        }
        if (content instanceof LastHttpContent last && events == receiver) {
            if (endsByClosing && !channel.isActive() && wasClosedByFault()) {
                fail(new UpstreamFailure(Kind.CLOSED_DURING_RESPONSE, "connection broken during a response"));
                return;
            }
            responseEnded = true;
            decoder.expectNothing();
            receiver.onEnd(last.trailingHeaders());
        }
    }

    /**
     * Returns whether the connection was closed by a fault (a reset, a missing TLS {@code close_notify}) rather than by
     * the backend at the end of its response.
     */
    private boolean wasClosedByFault() {
        return transportError != null || channel.pipeline().get(SslHandler.class) != null && !tlsCloseNotified;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            tlsCloseNotified = close.isSuccess();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (responseEnded) {
            events = null;
            responseEnded = false;
            if (keepAlive && requestEnded && channel.isActive()) {
                pool.returnToPool(this);
            } else {
                channel.close();
            }
        } else if (events != null) {
            events.onReadComplete();
            if (bodyLeft > ResponseSplice.MIN_BYTES) {
                spliceRest(ctx);
            }
        }
    }

    private void spliceRest(ChannelHandlerContext ctx) {
        if (events != null) {
            splice = events.spliceTarget()
                    .flatMap(target -> ResponseSplice.of(this, ctx, decoder, target, bodyLeft))
                    .orElse(null);
        }
        if (splice != null) {
            bodyLeft = 0;
            splice.start();
        }
    }

    /** Called when the splice has passed on all that it has taken from the socket. */
    void onSpliceEnd() {
        splice = null;
    }

    private void stopSplice() {
        if (splice != null) {
            splice.stop();
            splice = null;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (events != null) {
            events.onWritabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (events == null) {
            pool.remove(this);
        } else if (!responseEnded) {
            fail(closeFailure("connection closed"));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (firstMessage != null) {
            firstMessage.discard();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException && channel.isActive()) {
            onFailedWrite(cause);
            return;
        }
        if (!(cause instanceof IOException || cause instanceof CodecException || cause instanceof OutOfMemoryError)) {
            LOG.error("an internal error closed a connection to a backend", cause);
        }
        fail(closeFailure("connection broken: " + UpstreamFailures.describe(cause)));
    }

    /** Records a failed write. The connection stays open, because a response may still be unread. */
    private void onFailedWrite(Throwable cause) {
        if (cause instanceof IOException io) {
            transportError = io;
        } else {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    private UpstreamFailure closeFailure(String how) {
        return UpstreamFailures.ofClose(how, responseStarted, decoder.hasReceivedBytes());
    }

    private void fail(UpstreamFailure failure) {
        UpstreamEvents receiver = events;
        events = null;
        stopSplice();
        channel.close();
        if (receiver != null && !responseEnded) {
            receiver.onFailure(failure);
        }
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.attempt.UpstreamStream;
import io.crowfly.balancer.message.HopByHopHeaders;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.transport.TunnelCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A connection goes back to its pool at the end of the read in which its answer ended, not in the middle of it: if the
 * backend has sent more than it was asked for, those bytes turn up in the same read, and must not become the answer to
 * somebody else's request.
 *
 * A backend may answer before it has the whole request, and close. Then writing fails while the answer waits to be read; so
 * a broken connection is read to its end, and only that end tells what became of the request.
 */

/** One HTTP/1.1 connection to a backend, which carries one exchange at a time. Confined to its loop. */
final class Http1Connection extends ChannelInboundHandlerAdapter implements UpstreamStream {

    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    private final Channel channel;
    private final ConnectionPool pool;
    private final ResponseDecoder decoder;
    private final Connector.Connected connected;

    private @Nullable UpstreamEvents events;
    private boolean reused;
    private boolean requestStarted;
    private boolean requestEnded;
    private boolean chunked;
    private boolean upgradeRequested;
    private boolean switched;
    private @Nullable HeldFirstMessage firstMessage;
    private boolean skipsContentEnd;
    private boolean responseStarted;
    private boolean keepAlive;

    /** Whether nothing but the close of the connection tells that the answer is whole. */
    private boolean endsByClosing;

    /** What the transport reported before the close. */
    private @Nullable IOException transportError;

    /** Over TLS, whether the peer has said that it closes: a close without may be anybody's. */
    private boolean tlsCloseNotified;

    private boolean responseEnded;

    /** {@link System#nanoTime} of the return to the pool. */
    private long idleSinceNanos;

    Http1Connection(Connector.Connected connected, ConnectionPool pool, ResponseDecoder decoder) {
        this.connected = connected;
        this.channel = connected.channel();
        this.pool = pool;
        this.decoder = decoder;
    }

    // The pool's side.

    void startStream(UpstreamEvents receiver, boolean isReused) {
        events = receiver;
        reused = isReused;
        requestStarted = false;
        requestEnded = false;
        skipsContentEnd = false;
        responseStarted = false;
        responseEnded = false;
        receiver.onOpen(this);
    }

    boolean isUsable() {
        return channel.isActive();
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    void close() {
        channel.close();
    }

    // The exchange's side.

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
        write(new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), head.target(), headers));
    }

    @Override
    public void sendBody(ByteBuf data) {
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
        channel.write(chunked && !trailers.isEmpty() ? lastContentWith(trailers) : LastHttpContent.EMPTY_LAST_CONTENT)
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        onFailedWrite(written.cause());
                    } else if (receiver != null && events == receiver) {
                        receiver.onSent();
                    }
                });
    }

    private static LastHttpContent lastContentWith(HttpHeaders trailers) {
        LastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set(trailers);
        return last;
    }

    /** A write that fails comes back through {@link #exceptionCaught}; no promise is made for each. */
    private void write(Object message) {
        channel.write(message, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        channel.config().setAutoRead(reading);
    }

    @Override
    public void cancel() {
        events = null;
        if (requestStarted) {
            channel.close();
        } else {
            pool.returnToPool(this);
        }
    }

    // The backend's side.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamEvents receiver = events;
        HttpObject part = (HttpObject) message;
        if (receiver == null || responseEnded) {
            // Nobody asked for this, or its asker is gone.
            ReferenceCountUtil.release(message);
            channel.close();
        } else if (part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(new UpstreamFailure(
                    responseStarted ? Kind.CLOSED_DURING_RESPONSE : Kind.BAD_RESPONSE,
                    "bad answer: "
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
            // A 100 answers our connection's expectation, and we send none.
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
            endsByClosing = !HttpUtil.isContentLengthSet(response) && !HttpUtil.isTransferEncodingChunked(response);
            HopByHopHeaders.strip(headers);
            receiver.onHead(new ResponseHead(status, headers));
        }
    }

    private void switchProtocols(UpstreamEvents receiver, HttpHeaders headers) {
        if (!upgradeRequested || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            fail(new UpstreamFailure(Kind.BAD_RESPONSE, "switched protocols unasked"));
            return;
        }
        boolean accepted = firstMessage == null
                ? headers.contains(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)
                : firstMessage.isAcceptedBy(headers);
        if (!accepted) {
            fail(new UpstreamFailure(Kind.BAD_RESPONSE, "bad handshake"));
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
                // What it has read already comes out of it.
                channel.pipeline().remove(decoder);
            }
            return;
        }
        ByteBuf data = content.content();
        if (data.isReadable()) {
            receiver.onBody(data);
        } else {
            data.release();
        }
        if (content instanceof LastHttpContent last && events == receiver) {
            if (endsByClosing && !channel.isActive() && wasClosedByFault()) {
                fail(new UpstreamFailure(Kind.CLOSED_DURING_RESPONSE, "connection broken in the middle of an answer"));
                return;
            }
            responseEnded = true;
            decoder.expectNothing();
            receiver.onEnd(last.trailingHeaders());
        }
    }

    /** Whether a close that would end an answer came about in another way than by its sender's will. */
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
        if (!(cause instanceof IOException || cause instanceof CodecException)) {
            LOG.error("a fault of our own ended a connection to a backend", cause);
        }
        fail(closeFailure("connection broken: " + UpstreamFailures.describe(cause)));
    }

    /** What the backend said before it closed may still be there to be read. */
    private void onFailedWrite(Throwable cause) {
        if (cause instanceof IOException io) {
            transportError = io;
        } else {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    /** Told by what had come of an answer, since a request may be sent again only if nothing had. */
    private UpstreamFailure closeFailure(String how) {
        if (responseStarted) {
            return new UpstreamFailure(Kind.CLOSED_DURING_RESPONSE, how + " in the middle of an answer");
        } else if (decoder.hasReceivedBytes()) {
            return new UpstreamFailure(Kind.BAD_RESPONSE, how + " in the head of an answer");
        }
        return new UpstreamFailure(Kind.CLOSED_BEFORE_RESPONSE, how + " before an answer");
    }

    private void fail(UpstreamFailure failure) {
        UpstreamEvents receiver = events;
        events = null;
        channel.close();
        if (receiver != null && !responseEnded) {
            receiver.onFailure(failure);
        }
    }
}

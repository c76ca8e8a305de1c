package io.crowfly.balancer.upstream;

import io.crowfly.balancer.exchange.HopByHop;
import io.crowfly.balancer.exchange.RequestHead;
import io.crowfly.balancer.exchange.ResponseHead;
import io.crowfly.balancer.exchange.UpstreamEvents;
import io.crowfly.balancer.exchange.UpstreamFailure;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.balancer.exchange.UpstreamStream;
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
    private boolean requestBegan;
    private boolean requestEnded;
    private boolean chunked;
    private boolean maySwitch;
    private boolean switched;
    private @Nullable OpeningMessage opening;
    private boolean interim;
    private boolean answering;
    private boolean keepAlive;

    /** Whether nothing but the close of the connection tells that the answer is whole. */
    private boolean endsByClosing;

    /** What the transport reported before the close. */
    private @Nullable IOException broken;

    /** Over TLS, whether the peer has said that it closes: a close without may be anybody's. */
    private boolean closeAnnounced;

    private boolean answerEnded;

    /** {@link System#nanoTime} of the return to the pool. */
    private long idleSinceNanos;

    Http1Connection(Connector.Connected connected, ConnectionPool pool, ResponseDecoder decoder) {
        this.connected = connected;
        this.channel = connected.channel();
        this.pool = pool;
        this.decoder = decoder;
    }

    // The pool's side.

    void lend(UpstreamEvents to, boolean isReused) {
        events = to;
        reused = isReused;
        requestBegan = false;
        requestEnded = false;
        interim = false;
        answering = false;
        answerEnded = false;
        to.onOpen(this);
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
        requestBegan = true;
        decoder.expectAnswerTo(head.method());
        HttpHeaders headers = head.headers();
        headers.set(HttpHeaderNames.HOST, head.authority());
        opening = head.bodyIsFirstMessage() ? new OpeningMessage() : null;
        chunked = opening == null && head.contentLength() == RequestHead.UNKNOWN_LENGTH;
        if (chunked) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        maySwitch = head.asksForWebSocket();
        if (maySwitch) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        if (opening != null) {
            opening.shakeHands(headers);
        }
        write(new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), head.target(), headers));
    }

    @Override
    public void sendBody(ByteBuf data) {
        if (opening != null) {
            opening.add(data);
        } else {
            write(data);
        }
    }

    @Override
    public void sendEnd(HttpHeaders trailers) {
        requestEnded = true;
        UpstreamEvents to = events;
        channel.write(chunked && !trailers.isEmpty() ? lastWith(trailers) : LastHttpContent.EMPTY_LAST_CONTENT)
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        onFailedWrite(written.cause());
                    } else if (to != null && events == to) {
                        to.onSent();
                    }
                });
    }

    private static LastHttpContent lastWith(HttpHeaders trailers) {
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
        if (requestBegan) {
            channel.close();
        } else {
            pool.giveBack(this);
        }
    }

    // The backend's side.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamEvents to = events;
        HttpObject part = (HttpObject) message;
        if (to == null || answerEnded) {
            // Nobody asked for this, or its asker is gone.
            ReferenceCountUtil.release(message);
            channel.close();
        } else if (part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(new UpstreamFailure(
                    answering ? Kind.CLOSED_IN_ANSWER : Kind.BAD_ANSWER,
                    "bad answer: " + Failures.words(part.decoderResult().cause())));
        } else if (message instanceof HttpResponse response) {
            onHead(to, response);
        } else if (message instanceof HttpContent content) {
            onContent(to, content);
        }
    }

    private void onHead(UpstreamEvents to, HttpResponse response) {
        int status = response.status().code();
        HttpHeaders headers = response.headers();
        if (status == 101) {
            switchProtocols(to, headers);
        } else if (status < 200) {
            interim = true;
            // A 100 answers our connection's expectation, and we send none.
            if (status != 100) {
                HopByHop.strip(headers);
                to.onInterim(new ResponseHead(status, headers));
            }
        } else {
            answering = true;
            if (opening != null) {
                opening.abandon();
            }
            keepAlive = HttpUtil.isKeepAlive(response);
            endsByClosing = !HttpUtil.isContentLengthSet(response) && !HttpUtil.isTransferEncodingChunked(response);
            HopByHop.strip(headers);
            to.onHead(new ResponseHead(status, headers));
        }
    }

    private void switchProtocols(UpstreamEvents to, HttpHeaders headers) {
        if (!maySwitch || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            fail(new UpstreamFailure(Kind.BAD_ANSWER, "switched protocols unasked"));
            return;
        }
        boolean accepted = opening == null
                ? headers.contains(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)
                : opening.isAcceptedBy(headers);
        if (!accepted) {
            fail(new UpstreamFailure(Kind.BAD_ANSWER, "bad handshake"));
            return;
        }
        switched = true;
        interim = true;
        answering = true;
        keepAlive = false;
        endsByClosing = true;
        HopByHop.strip(headers);
        channel.pipeline().replace(HttpRequestEncoder.class, null, new TunnelCodec());
        if (opening != null) {
            opening.sendOver(channel);
            opening = null;
        }
        to.onHead(new ResponseHead(101, headers));
    }

    private void onContent(UpstreamEvents to, HttpContent content) {
        if (interim) {
            content.release();
            interim = false;
            if (switched) {
                // What it has read already comes out of it.
                channel.pipeline().remove(decoder);
            }
            return;
        }
        ByteBuf data = content.content();
        if (data.isReadable()) {
            to.onBody(data);
        } else {
            data.release();
        }
        if (content instanceof LastHttpContent last && events == to) {
            if (endsByClosing && !channel.isActive() && wasCutOff()) {
                fail(new UpstreamFailure(Kind.CLOSED_IN_ANSWER, "connection broken in the middle of an answer"));
                return;
            }
            answerEnded = true;
            decoder.expectNothing();
            to.onEnd(last.trailingHeaders());
        }
    }

    /** Whether a close that would end an answer came about in another way than by its sender's will. */
    private boolean wasCutOff() {
        return broken != null || channel.pipeline().get(SslHandler.class) != null && !closeAnnounced;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            closeAnnounced = close.isSuccess();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (answerEnded) {
            events = null;
            answerEnded = false;
            if (keepAlive && requestEnded && channel.isActive()) {
                pool.giveBack(this);
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
            pool.forget(this);
        } else if (!answerEnded) {
            fail(closed("connection closed"));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (opening != null) {
            opening.abandon();
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
        fail(closed("connection broken: " + Failures.words(cause)));
    }

    /** What the backend said before it closed may still be there to be read. */
    private void onFailedWrite(Throwable cause) {
        if (cause instanceof IOException io) {
            broken = io;
        } else {
            channel.pipeline().fireExceptionCaught(cause);
        }
    }

    /** Told by what had come of an answer, since a request may be sent again only if nothing had. */
    private UpstreamFailure closed(String how) {
        if (answering) {
            return new UpstreamFailure(Kind.CLOSED_IN_ANSWER, how + " in the middle of an answer");
        } else if (decoder.hasBegun()) {
            return new UpstreamFailure(Kind.BAD_ANSWER, how + " in the head of an answer");
        }
        return new UpstreamFailure(Kind.CLOSED_BEFORE_ANSWER, how + " before an answer");
    }

    private void fail(UpstreamFailure failure) {
        UpstreamEvents to = events;
        events = null;
        channel.close();
        if (to != null && !answerEnded) {
            to.onFailure(failure);
        }
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Downstream;
import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.exchange.RequestHead;
import io.crowfly.balancer.exchange.ResponseHead;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.transport.WebSocketAccept;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP/1.1 connection of a client: turns what is decoded into exchanges, one after the other. Confined to its loop. */
final class ClientConnection extends ChannelInboundHandlerAdapter implements Downstream {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** What is left of a body that was answered early is read for the next request's sake, if it is no longer than this. */
    private static final long SHORT_BODY_BYTES = 64 * 1024;

    /** How long a client that was answered early may go on sending before the connection is closed on it. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int REQUEST_TIMEOUT = 408;

    private final Channel channel;
    private final ReadBuffers reads;
    private final String scheme;
    private final Exchanges exchanges;
    private final Sweep sweep;
    private final AnswerWriter writer;
    private final Runnable onClose;
    private final String client;
    private final HalfClose halfClose = new HalfClose();
    private final ArrayDeque<HttpObject> pipelined = new ArrayDeque<>(0);

    /** The connection's place in the sweep's list; the sweep's own. */
    int sweepIndex;

    private @Nullable Exchange exchange;
    private boolean keepAlive = true;
    private boolean headSent;
    private boolean requestEnded = true;

    /** Whether the rest of the present request's body is sure to come, and soon over. */
    private boolean shortBody;

    private boolean exchangeReads = true;
    private boolean draining;
    private boolean discarding;
    private boolean handling;
    private long quietSinceNanos = System.nanoTime();

    /** How far the client was from having read all, when last looked at. */
    private long lastRoom;

    ClientConnection(
            Channel channel,
            ReadBuffers reads,
            String scheme,
            Exchanges exchanges,
            Sweep sweep,
            AnswerWriter writer,
            Runnable onClose) {
        this.channel = channel;
        this.reads = reads;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.sweep = sweep;
        this.writer = writer;
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
        if (!(cause instanceof IOException || cause instanceof CodecException)) {
            LOG.error("a fault of our own ended a client's connection", cause);
        }
        // A reset, a failed write, a failed handshake: whatever it was, there is nobody to tell.
        leave("client connection broken");
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            if (exchange == null && pipelined.isEmpty()) {
                writer.closeWhenSent();
            } else if (exchange != null && !requestEnded || scheme.equals("https")) {
                close();
            } else {
                // For the present answer, or for what waits until the client has read those before.
                long now = System.nanoTime();
                halfClose.begin(now, exchange != null && headSent);
                if (exchange != null) {
                    watchHalfClosed(now);
                }
            }
        }
    }

    /** No more requests after the present one. */
    void drain() {
        draining = true;
        if (exchange == null && requestEnded && pipelined.isEmpty()) {
            writer.closeWhenSent();
        }
    }

    /** We end, and there is no more time for what is under way: a client that can be told so is told, the others are cut. */
    void cutOff() {
        String reason = "cut off by our own end";
        if (exchange == null || !exchange.interrupt(reason)) {
            leave(reason);
            channel.close();
        }
    }

    /** At once, whatever is under way. */
    void close() {
        leave("client closed the connection");
        channel.close();
    }

    /** Whether a request of it is under way whose answer may be late by milliseconds. */
    boolean isAsking() {
        return exchange != null && !exchange.isCalm();
    }

    void onTick(long nowNanos) {
        if (discarding) {
            if (nowNanos - quietSinceNanos > LINGER_NANOS) {
                channel.close();
            }
        } else if (exchange != null) {
            if (halfClose.hasBegun()) {
                watchHalfClosed(nowNanos);
            } else if (!channel.config().isAutoRead() && Transport.wasReset(channel)) {
                // While nothing is read of it, io_uring does not tell.
                close();
            }
            if (exchange != null) {
                exchange.onTick(nowNanos);
            }
        } else if (isQuiet(nowNanos)) {
            channel.close();
        }
    }

    private boolean isQuiet(long nowNanos) {
        // The last answer may still be on its way to a slow client.
        long room = channel.bytesBeforeUnwritable() - channel.bytesBeforeWritable();
        if (room != lastRoom) {
            lastRoom = room;
            quietSinceNanos = nowNanos;
        }
        return nowNanos - quietSinceNanos
                > exchanges.snapshot().conf().timeouts().idle().toNanos();
    }

    private void watchHalfClosed(long nowNanos) {
        boolean probeable = !headSent && writer.knowsInterims();
        switch (halfClose.look(nowNanos, probeable, Transport.wasReset(channel))) {
            case WAITS -> {}
            case PROBE -> writer.interim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
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
        if (!pipelined.isEmpty() || part instanceof HttpRequest && !canBegin()) {
            // Requests are answered in their order, to a client that reads; till then the next one waits, and no more
            // is
            // read.
            pipelined.add(part);
            updateReading();
        } else {
            handle(part);
        }
    }

    private boolean canBegin() {
        return exchange == null && channel.isWritable();
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
        keepAlive = HttpUtil.isKeepAlive(request);
        writer.answer(request);
        RequestHead head;
        try {
            head = Http1Requests.head(request, scheme);
        } catch (Http1Requests.Refused refused) {
            keepAlive = false;
            exchanges.refuse(this, request.method().name(), request.uri(), refused.answer());
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
        } else {
            handlePipelined();
            updateReading();
        }
    }

    // What the exchange sends.

    @Override
    public String client() {
        return client;
    }

    @Override
    public void sendInterim(ResponseHead head) {
        if (writer.knowsInterims() && channel.isWritable()) {
            writer.interim(head);
        }
    }

    @Override
    public void sendHead(ResponseHead head) {
        headSent = true;
        if (head.switchesProtocols()) {
            switchProtocols(head);
            return;
        }
        halfClose.wrote();
        boolean bodyWillEnd = requestEnded || shortBody && head.status() != REQUEST_TIMEOUT;
        keepAlive = writer.head(head, keepAlive && !draining && bodyWillEnd);
    }

    private void switchProtocols(ResponseHead head) {
        if (halfClose.hasBegun()) {
            // It can't say anything in the new one.
            close();
            return;
        }
        // What it said in HTTP before it had this answer was not for it to say (RFC 6455 section 4.1).
        releasePipelined();
        requestEnded = false;
        keepAlive = false;
        writer.switchProtocols(head);
        updateReading();
    }

    @Override
    public boolean openWebSocket(HttpHeaders asked, HttpHeaders answer, int maxBytes, LongPredicate memory) {
        String key = asked.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key == null || !"13".equals(asked.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return false;
        }
        answer.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketAccept.of(key));
        // The end of the handshake, where it waited for the answer before.
        releasePipelined();
        keepAlive = false;
        shortBody = false;
        writer.openWebSocket(new ResponseHead(101, answer), maxBytes, memory);
        return true;
    }

    @Override
    public void sendBody(ByteBuf data) {
        halfClose.wrote();
        writer.body(data);
    }

    @Override
    public void sendEnd(HttpHeaders trailers) {
        exchange = null;
        writer.end(trailers);
        afterExchange();
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void abort() {
        exchange = null;
        writer.breakOff();
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

    @Override
    public void setHolding(boolean holding) {
        reads.setHolding(holding);
    }

    private void updateReading() {
        if (!halfClose.hasBegun()) {
            // After a FIN there is nothing to read, and asking epoll for more breaks the connection.
            boolean room = exchange != null || channel.isWritable();
            channel.config().setAutoRead(exchangeReads && room && pipelined.isEmpty());
        }
    }

    // From one request to the next.

    /** The answer has been sent; the request may not have ended. */
    private void afterExchange() {
        quietSinceNanos = System.nanoTime();
        exchangeReads = true;
        if (!keepAlive || draining) {
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
            writer.closeWhenSent();
        } else {
            discarding = true;
        }
    }

    private void handlePipelined() {
        if (handling) {
            return;
        }
        handling = true;
        // First what is left of the present request, then the next one.
        while (!pipelined.isEmpty() && !discarding && (!requestEnded || canBegin())) {
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
            close();
        }
    }

    private void releasePipelined() {
        for (HttpObject part; (part = pipelined.poll()) != null; ) {
            ReferenceCountUtil.release(part);
        }
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.SpliceTarget;
import io.crowfly.balancer.transport.ReadBuffers;
import io.crowfly.balancer.transport.WebSocketAccept;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 connection of a client: connects its requests and responses with exchanges, and closes it after
 * timeouts, drain or disconnect. Confined to its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter implements Downstream {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** Maximum time that the client may continue to send after an early response, before the connection is closed. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Bytes that may wait for a slow client while direct memory is short: a few reads of that time. */
    private static final int SHORTAGE_UNSENT_BYTES = 16 * 1024;

    private final Channel channel;
    private final ReadBuffers readBuffers;
    private final Exchanges exchanges;
    private final TimeoutSweep timeoutSweep;
    private final ResponseWriter writer;
    private final Runnable onClose;
    private final String clientAddress;
    private final HalfCloseDetector halfCloseDetector = new HalfCloseDetector();
    private final IdleClock idleClock;
    private final ClientRequests requests;
    private final DisconnectHandler disconnectHandler;

    /** Index of the connection in the list of the {@link TimeoutSweep}. Only the sweep reads and writes it. */
    int sweepIndex;

    private boolean draining;

    /**
     * Whether the rest of the client's data is dropped until the client stops sending, and the connection is then
     * closed.
     */
    private boolean lingering;

    private long lingersSinceNanos;

    ClientConnection(
            Channel channel,
            ReadBuffers readBuffers,
            String scheme,
            Exchanges exchanges,
            TimeoutSweep timeoutSweep,
            RequestDecoder decoder,
            ResponseWriter writer,
            Runnable onClose) {
        this.channel = channel;
        this.readBuffers = readBuffers;
        this.exchanges = exchanges;
        this.timeoutSweep = timeoutSweep;
        this.writer = writer;
        this.onClose = onClose;
        idleClock = new IdleClock(channel);
        RequestDecoding decoding = new RequestDecoding(channel, decoder, this::handleWaiting);
        HeadTimeout headTimeout = new HeadTimeout(decoding, System.nanoTime());
        requests =
                new ClientRequests(channel, scheme, exchanges, writer, halfCloseDetector, headTimeout, decoding, this);
        disconnectHandler =
                new DisconnectHandler(channel, scheme.equals("https"), requests, writer, halfCloseDetector, this);
        clientAddress = channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "unix";
    }

    // Events of the connection.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timeoutSweep.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endExchange("client closed the connection");
    }

    /** Runs once for every connection, even if the connection was closed before it became active. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        timeoutSweep.remove(this);
        onClose.run();
        requests.stop();
        endExchange("client closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof CodecException || cause instanceof OutOfMemoryError)) {
            LOG.error("an internal error closed a client connection", cause);
        }
        // After a reset, a failed write or a failed handshake, no response can be sent.
        endExchange("client connection broken");
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            disconnectHandler.onFin();
        } else if (event == SslCloseCompletionEvent.SUCCESS && requests.awaitsSwitch()) {
            close();
        } else if (event == TlsHandshake.PlainHttp.REFUSED) {
            linger();
        } else if (event instanceof FirstMessageHandler.Closing closing) {
            endExchange(closing.reason());
            requests.stop();
            linger();
        }
    }

    /** Closes the connection after the response to the current request or, if there is none, to the next one. */
    void closeAfterNextResponse() {
        draining = true;
    }

    /** Starts no further request, and closes the connection after the current response. */
    void drain() {
        draining = true;
        if (requests.currentExchange() == null && requests.requestEnded() && !requests.hasWaiting()) {
            closeAfterResponse();
        }
    }

    /**
     * Ends the current request at shutdown, when the drain timeout is over. The client gets an error if an error can
     * still be sent. Otherwise the connection is closed.
     */
    void abortForShutdown() {
        draining = true;
        Exchange exchange = requests.currentExchange();
        if (exchange == null || !exchange.abortForShutdown()) {
            close();
        }
    }

    /** Closes the connection at once, also during a request. */
    void close() {
        endExchange("client closed the connection");
        channel.close();
    }

    /** Whether the current request has timeouts that must be checked at every tick. */
    boolean needsFrequentTicks() {
        Exchange exchange = requests.currentExchange();
        return exchange != null && !exchange.allowsSlowTicks();
    }

    /** Checks the timeouts of the current request. */
    void onTick(long nowNanos) {
        Exchange exchange = requests.currentExchange();
        if (exchange != null && !lingering) {
            exchange.onTick(nowNanos);
        }
    }

    /** Checks everything. Call about ten times per second. */
    void onSlowTick(long nowNanos) {
        requests.resumeReading(nowNanos);
        requests.checkBodyRate(nowNanos);
        if (lingering) {
            if (nowNanos - lingersSinceNanos > LINGER_NANOS) {
                channel.close();
            }
        } else if (requests.currentExchange() != null) {
            disconnectHandler.check(nowNanos);
            onTick(nowNanos);
        } else if (isIdle(nowNanos)) {
            channel.close();
        } else if (isSlowWhileMemoryIsShort(nowNanos)) {
            writer.reset();
        } else {
            requests.checkHead(nowNanos);
        }
    }

    private boolean isIdle(long nowNanos) {
        return idleClock.idleNanos(nowNanos)
                > exchanges.snapshot().conf().timeouts().idle().toNanos();
    }

    private boolean isSlowWhileMemoryIsShort(long nowNanos) {
        return idleClock.hasUnsentBytes()
                && idleClock.idleNanos(nowNanos) > Exchanges.SLOW_PEER_NANOS
                && exchanges.isShortOfMemory();
    }

    private void endExchange(String reason) {
        Exchange ended = requests.detachExchange();
        if (ended != null) {
            ended.onClientGone(reason);
        }
    }

    // Data from the client.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        requests.onPart((HttpObject) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        requests.onReadComplete();
        if (readBuffers.hasEmptied(ReadPace.TINY_BYTES)) {
            requests.onTinyRead();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Exchange exchange = requests.currentExchange();
        if (exchange != null) {
            exchange.onWritabilityChanged();
        } else {
            handleWaiting();
            requests.updateReading();
        }
    }

    // Calls from the exchange.

    @Override
    public String clientAddress() {
        return clientAddress;
    }

    @Override
    public void sendInterim(ResponseHead head) {
        if (writer.supportsInterimResponses() && channel.isWritable()) {
            writer.writeInterim(head);
        }
    }

    @Override
    public void sendHead(ResponseHead head) {
        requests.onResponseHead();
        if (head.switchesProtocols()) {
            switchProtocols(head);
            return;
        }
        halfCloseDetector.onWrite();
        if (!writer.writeHead(head, !draining && requests.mayReuseConnection(head.status()))) {
            requests.acceptNoMore();
        }
    }

    private void switchProtocols(ResponseHead head) {
        if (halfCloseDetector.isHalfClosed()) {
            // After its FIN the client cannot send anything in the new protocol.
            close();
            return;
        }
        // Data that the client sent before this response is discarded, because RFC 6455, section 4.1, forbids such
        // data.
        requests.becomeTunnel();
        writer.switchProtocols(head);
        requests.updateReading();
    }

    @Override
    public boolean openWebSocket(
            HttpHeaders requestHeaders, HttpHeaders responseHeaders, int maxBytes, LongPredicate memoryLimit) {
        String key = requestHeaders.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key == null || !"13".equals(requestHeaders.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return false;
        }
        responseHeaders.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketAccept.valueFor(key));
        // The end of the handshake request, which may wait for an earlier response, is discarded.
        requests.releaseWaiting();
        requests.acceptNoMore();
        writer.acceptWebSocket(new ResponseHead(101, responseHeaders), maxBytes, memoryLimit);
        return true;
    }

    @Override
    public void sendBody(ByteBuf data) {
        halfCloseDetector.onWrite();
        writer.writeBody(data);
    }

    @Override
    public void sendEnd(HttpHeaders trailers) {
        requests.detachExchange();
        writer.writeEnd(trailers);
        afterExchange();
    }

    @Override
    public Optional<SpliceTarget> spliceTarget(IntConsumer onPassed) {
        return writer.spliceTarget(onPassed.andThen(bytes -> halfCloseDetector.onWrite()));
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void abort() {
        requests.detachExchange();
        requests.stop();
        writer.closeIncomplete();
    }

    @Override
    public void disconnect() {
        requests.detachExchange();
        requests.stop();
        writer.reset();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable()
                && (idleClock.unsentBytes() <= SHORTAGE_UNSENT_BYTES || !exchanges.isShortOfMemory());
    }

    @Override
    public void setReading(boolean reading) {
        requests.setReading(reading);
    }

    @Override
    public void setHolding(boolean holding) {
        readBuffers.setHolding(holding);
    }

    // Methods that continue with the next request.

    /**
     * Continues with the next request. Called after a complete response, or when the rest of a request whose response
     * was sent early has been read.
     */
    void afterExchange() {
        idleClock.restart();
        // The previous exchange may have paused reading. The next exchange decides for itself.
        requests.forgetPause();
        if (draining || !requests.keepAlive()) {
            closeAfterResponse();
        } else {
            handleWaiting();
        }
        requests.updateReading();
    }

    /**
     * Closes the connection after the response was sent. If the client is still sending, its data is read and dropped
     * for a short time first. A close with unread bytes would reset the connection and could destroy the response.
     */
    private void closeAfterResponse() {
        requests.stop();
        if (requests.requestEnded()) {
            writer.closeWhenSent();
        } else {
            linger();
        }
    }

    private void linger() {
        lingering = true;
        lingersSinceNanos = System.nanoTime();
    }

    private void handleWaiting() {
        if (requests.handleWaiting() && halfCloseDetector.isHalfClosed() && !requests.hasWaiting()) {
            finishHalfClosed();
        }
    }

    /** Ends a half-closed connection whose requests have all been handled. */
    private void finishHalfClosed() {
        if (requests.currentExchange() == null) {
            closeAfterResponse();
        } else if (!requests.requestEnded()) {
            close();
        }
    }
}

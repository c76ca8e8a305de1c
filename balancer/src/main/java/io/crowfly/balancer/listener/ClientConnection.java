package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ResponseHead;
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
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP/1.1 connection of a client, from its first request to its end. Confined to its loop. */
final class ClientConnection extends ChannelInboundHandlerAdapter implements Downstream {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    /** How long a client that was answered early may go on sending before the connection is closed on it. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Channel channel;
    private final ReadBuffers readBuffers;
    private final String scheme;
    private final Exchanges exchanges;
    private final TimeoutSweep timeoutSweep;
    private final ResponseWriter writer;
    private final Runnable onClose;
    private final String clientAddress;
    private final HalfCloseDetector halfCloseDetector = new HalfCloseDetector();
    private final ClientRequests requests;

    /** The connection's place in the sweep's list; the sweep's own. */
    int sweepIndex;

    private boolean headSent;
    private boolean draining;

    /** Whether nothing is waited for but that the client stops sending. */
    private boolean lingering;

    private long idleSinceNanos = System.nanoTime();

    /** How far the client was from having read all, when last looked at. */
    private long lastUnsentBytes;

    ClientConnection(
            Channel channel,
            ReadBuffers readBuffers,
            String scheme,
            Exchanges exchanges,
            TimeoutSweep timeoutSweep,
            ResponseWriter writer,
            Runnable onClose) {
        this.channel = channel;
        this.readBuffers = readBuffers;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.timeoutSweep = timeoutSweep;
        this.writer = writer;
        this.onClose = onClose;
        requests = new ClientRequests(channel, scheme, exchanges, writer, halfCloseDetector, this);
        clientAddress = channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "unix";
    }

    // The connection's life.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timeoutSweep.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endExchange("client closed the connection");
    }

    /** Comes once for every connection, even one that closed before it was active. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        timeoutSweep.remove(this);
        onClose.run();
        requests.stop();
        endExchange("client closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof CodecException)) {
            LOG.error("a fault of our own ended a client's connection", cause);
        }
        // A reset, a failed write, a failed handshake: whatever it was, there is nobody to tell.
        endExchange("client connection broken");
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            Exchange exchange = requests.currentExchange();
            if (exchange == null && !requests.hasWaiting()) {
                writer.closeWhenSent();
            } else if (exchange != null && !requests.requestEnded() || scheme.equals("https")) {
                close();
            } else {
                // For the present answer, or for what waits until the client has read those before.
                long now = System.nanoTime();
                halfCloseDetector.onFin(now, exchange != null && headSent);
                if (exchange != null) {
                    checkHalfClose(now);
                }
            }
        }
    }

    /** No more requests after the present one. */
    void drain() {
        draining = true;
        if (requests.currentExchange() == null && requests.requestEnded() && !requests.hasWaiting()) {
            closeAfterResponse();
        }
    }

    /** We end, and there is no more time for what is under way: a client that can be told so is told, the others are cut. */
    void abortForShutdown() {
        draining = true;
        Exchange exchange = requests.currentExchange();
        if (exchange == null || !exchange.abortForShutdown()) {
            close();
        }
    }

    /** At once, whatever is under way. */
    void close() {
        endExchange("client closed the connection");
        channel.close();
    }

    /** Whether a request of it is under way whose answer may be late by milliseconds. */
    boolean needsFrequentTicks() {
        Exchange exchange = requests.currentExchange();
        return exchange != null && !exchange.allowsSlowTicks();
    }

    void onTick(long nowNanos) {
        if (lingering) {
            if (nowNanos - idleSinceNanos > LINGER_NANOS) {
                channel.close();
            }
        } else if (requests.currentExchange() != null) {
            if (halfCloseDetector.isHalfClosed()) {
                checkHalfClose(nowNanos);
            } else if (!channel.config().isAutoRead() && Transport.wasReset(channel)) {
                // While nothing is read of it, io_uring does not tell.
                close();
            }
            Exchange stillCurrent = requests.currentExchange();
            if (stillCurrent != null) {
                stillCurrent.onTick(nowNanos);
            }
        } else if (isIdle(nowNanos)) {
            channel.close();
        }
    }

    private boolean isIdle(long nowNanos) {
        // The last answer may still be on its way to a slow client.
        long unsentBytes = channel.bytesBeforeUnwritable() - channel.bytesBeforeWritable();
        if (unsentBytes != lastUnsentBytes) {
            lastUnsentBytes = unsentBytes;
            idleSinceNanos = nowNanos;
        }
        return nowNanos - idleSinceNanos
                > exchanges.snapshot().conf().timeouts().idle().toNanos();
    }

    private void checkHalfClose(long nowNanos) {
        boolean mayProbe = !headSent && writer.supportsInterimResponses();
        switch (halfCloseDetector.check(nowNanos, mayProbe, Transport.wasReset(channel))) {
            case WAITING -> {}
            case PROBE -> writer.writeInterim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
            case GONE -> close();
        }
    }

    private void endExchange(String reason) {
        Exchange ended = requests.detachExchange();
        if (ended != null) {
            ended.onClientGone(reason);
        }
    }

    // What the client sends.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        requests.onPart((HttpObject) message);
    }

    /** Its head has come, and it is the present one from now on. */
    void onRequestHead() {
        headSent = false;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        requests.onReadComplete();
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

    // What the exchange sends.

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
        headSent = true;
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
            // It can't say anything in the new one.
            close();
            return;
        }
        // What it said in HTTP before it had this answer was not for it to say (RFC 6455 section 4.1).
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
        // The end of the handshake, where it waited for the answer before.
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
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        requests.setReading(reading);
    }

    @Override
    public void setHolding(boolean holding) {
        readBuffers.setHolding(holding);
    }

    // From one request to the next.

    /** The answer has been sent, or what was left of the request behind it has come. */
    void afterExchange() {
        idleSinceNanos = System.nanoTime();
        // Whatever the exchange took last: the next one decides for itself.
        requests.setReading(true);
        if (draining || !requests.keepAlive()) {
            closeAfterResponse();
        } else {
            handleWaiting();
        }
        requests.updateReading();
    }

    /**
     * Closes once the answer is out. While the client is still sending, what it sends is read and dropped for a moment
     * first: a close with bytes unread would reset the connection, and could take the answer with it.
     */
    private void closeAfterResponse() {
        requests.stop();
        if (requests.requestEnded()) {
            writer.closeWhenSent();
        } else {
            lingering = true;
        }
    }

    private void handleWaiting() {
        if (requests.handleWaiting() && halfCloseDetector.isHalfClosed() && !requests.hasWaiting()) {
            finishHalfClosed();
        }
    }

    /** The client has said all it had to say, and what it said has been taken up. */
    private void finishHalfClosed() {
        if (requests.currentExchange() == null) {
            closeAfterResponse();
        } else if (!requests.requestEnded()) {
            close();
        }
    }
}

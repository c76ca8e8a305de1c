package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Downstream;
import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
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
    private final ReadBuffers reads;
    private final String scheme;
    private final Exchanges exchanges;
    private final Sweep sweep;
    private final AnswerWriter writer;
    private final Runnable onClose;
    private final String client;
    private final HalfClose halfClose = new HalfClose();
    private final ClientRequests requests;

    /** The connection's place in the sweep's list; the sweep's own. */
    int sweepIndex;

    private boolean headSent;
    private boolean draining;

    /** Whether nothing is waited for but that the client stops sending. */
    private boolean lingering;

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
        requests = new ClientRequests(channel, scheme, exchanges, writer, halfClose, this);
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
        requests.stop();
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
            Exchange present = requests.present();
            if (present == null && !requests.areWaiting()) {
                writer.closeWhenSent();
            } else if (present != null && !requests.ended() || scheme.equals("https")) {
                close();
            } else {
                // For the present answer, or for what waits until the client has read those before.
                long now = System.nanoTime();
                halfClose.begin(now, present != null && headSent);
                if (present != null) {
                    watchHalfClosed(now);
                }
            }
        }
    }

    /** No more requests after the present one. */
    void drain() {
        draining = true;
        if (requests.present() == null && requests.ended() && !requests.areWaiting()) {
            hangUp();
        }
    }

    /** We end, and there is no more time for what is under way: a client that can be told so is told, the others are cut. */
    void cutOff() {
        draining = true;
        Exchange present = requests.present();
        if (present == null || !present.cutOff()) {
            close();
        }
    }

    /** At once, whatever is under way. */
    void close() {
        leave("client closed the connection");
        channel.close();
    }

    /** Whether a request of it is under way whose answer may be late by milliseconds. */
    boolean isAsking() {
        Exchange present = requests.present();
        return present != null && !present.isCalm();
    }

    void onTick(long nowNanos) {
        if (lingering) {
            if (nowNanos - quietSinceNanos > LINGER_NANOS) {
                channel.close();
            }
        } else if (requests.present() != null) {
            if (halfClose.hasBegun()) {
                watchHalfClosed(nowNanos);
            } else if (!channel.config().isAutoRead() && Transport.wasReset(channel)) {
                // While nothing is read of it, io_uring does not tell.
                close();
            }
            Exchange still = requests.present();
            if (still != null) {
                still.onTick(nowNanos);
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
        Exchange left = requests.finish();
        if (left != null) {
            left.onGone(reason);
        }
    }

    // What the client sends.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        requests.onPart((HttpObject) message);
    }

    /** Its head has come, and it is the present one from now on. */
    void onRequest() {
        headSent = false;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        requests.onReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Exchange present = requests.present();
        if (present != null) {
            present.onWritabilityChanged();
        } else {
            takeUpNext();
            requests.updateReading();
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
        if (!writer.head(head, !draining && requests.mayFollow(head.status()))) {
            requests.endWithThis();
        }
    }

    private void switchProtocols(ResponseHead head) {
        if (halfClose.hasBegun()) {
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
    public boolean openWebSocket(HttpHeaders asked, HttpHeaders answer, int maxBytes, LongPredicate memory) {
        String key = asked.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key == null || !"13".equals(asked.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return false;
        }
        answer.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketAccept.of(key));
        // The end of the handshake, where it waited for the answer before.
        requests.release();
        requests.endWithThis();
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
        requests.finish();
        writer.end(trailers);
        afterExchange();
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void abort() {
        requests.finish();
        requests.stop();
        writer.breakOff();
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
        reads.setHolding(holding);
    }

    // From one request to the next.

    /** The answer has been sent, or what was left of the request behind it has come. */
    void afterExchange() {
        quietSinceNanos = System.nanoTime();
        // Whatever the exchange took last: the next one decides for itself.
        requests.setReading(true);
        if (draining || !requests.goOn()) {
            hangUp();
        } else {
            takeUpNext();
        }
        requests.updateReading();
    }

    /**
     * Closes once the answer is out. While the client is still sending, what it sends is read and dropped for a moment
     * first: a close with bytes unread would reset the connection, and could take the answer with it.
     */
    private void hangUp() {
        requests.stop();
        if (requests.ended()) {
            writer.closeWhenSent();
        } else {
            lingering = true;
        }
    }

    private void takeUpNext() {
        if (requests.takeUp() && halfClose.hasBegun() && !requests.areWaiting()) {
            endHalfClosed();
        }
    }

    /** The client has said all it had to say, and what it said has been taken up. */
    private void endHalfClosed() {
        if (requests.present() == null) {
            hangUp();
        } else if (!requests.ended()) {
            close();
        }
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.exchange.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one client sends: turns requests into exchanges, one after the other. They are answered in their order, to a client that
 * reads; till then the next one waits, and no more is read. Confined to its connection's loop.
 */
final class ClientRequests {

    /** What is left of a body that was answered early is read for the next request's sake, if it is no longer than this. */
    private static final long SHORT_BODY_BYTES = 64 * 1024;

    private static final int REQUEST_TIMEOUT = 408;

    private final Channel channel;
    private final String scheme;
    private final Exchanges exchanges;
    private final AnswerWriter writer;
    private final HalfClose halfClose;
    private final ClientConnection connection;
    private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>(0);

    private @Nullable Exchange present;
    private boolean keepAlive = true;
    private boolean ended = true;

    /** Whether the rest of the present request's body is sure to come, and soon over. */
    private boolean shortBody;

    private boolean reading = true;
    private boolean stopped;
    private boolean takingUp;

    ClientRequests(
            Channel channel,
            String scheme,
            Exchanges exchanges,
            AnswerWriter writer,
            HalfClose halfClose,
            ClientConnection connection) {
        this.channel = channel;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.writer = writer;
        this.halfClose = halfClose;
        this.connection = connection;
    }

    /** The exchange that is under way. */
    @Nullable
    Exchange present() {
        return present;
    }

    /** It is over, as far as the client goes; its request may not have ended. @return the exchange */
    @Nullable
    Exchange finish() {
        Exchange finished = present;
        present = null;
        return finished;
    }

    /** Whether the present request is whole, or there is none. */
    boolean ended() {
        return ended;
    }

    /** Whether some of what has been read is not taken up yet. */
    boolean areWaiting() {
        return !waiting.isEmpty();
    }

    /** Whether another one may follow, if the present one is answered with that status now. */
    boolean mayFollow(int status) {
        return keepAlive && (ended || shortBody && status != REQUEST_TIMEOUT);
    }

    /** Whether another one will be answered behind the present one. */
    boolean goOn() {
        return keepAlive;
    }

    /** The present one is the last. */
    void endWithThis() {
        keepAlive = false;
    }

    /** What the client sends from here on has no end but the connection's; of what it has sent, nothing counts. */
    void becomeTunnel() {
        release();
        ended = false;
        keepAlive = false;
    }

    /** No more of them are taken up: what comes is dropped. */
    void stop() {
        stopped = true;
        release();
    }

    /** Lets go of those that wait. */
    void release() {
        for (HttpObject part; (part = waiting.poll()) != null; ) {
            ReferenceCountUtil.release(part);
        }
    }

    // Reading.

    /** @param whether the present exchange takes more */
    void setReading(boolean whether) {
        reading = whether;
        updateReading();
    }

    void updateReading() {
        if (!halfClose.hasBegun()) {
            // After a FIN there is nothing to read, and asking epoll for more breaks the connection.
            boolean room = present != null || channel.isWritable();
            channel.config().setAutoRead(reading && room && waiting.isEmpty());
        }
    }

    /** Takes ownership of what was decoded. */
    void onPart(HttpObject part) {
        if (!waiting.isEmpty() || part instanceof HttpRequest && !canBegin()) {
            waiting.add(part);
            updateReading();
        } else {
            handle(part);
        }
    }

    private boolean canBegin() {
        return present == null && channel.isWritable();
    }

    /**
     * First what is left of the present request, then the next one.
     *
     * @return false if that is being done already, by whoever called this
     */
    boolean takeUp() {
        if (takingUp) {
            return false;
        }
        takingUp = true;
        while (!waiting.isEmpty() && !stopped && (!ended || canBegin())) {
            handle(waiting.poll());
        }
        takingUp = false;
        onReadComplete();
        return true;
    }

    void onReadComplete() {
        if (present != null) {
            present.onReadComplete();
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
        if (stopped) {
            return;
        }
        ended = false;
        keepAlive = HttpUtil.isKeepAlive(request);
        connection.onRequest();
        writer.answer(request);
        RequestHead head;
        try {
            head = Http1Requests.head(request, scheme);
        } catch (Http1Requests.Refused refused) {
            keepAlive = false;
            exchanges.refuse(connection, request.method().name(), request.uri(), refused.answer());
            return;
        }
        shortBody = !head.expectsContinue()
                && head.contentLength() != RequestHead.UNKNOWN_LENGTH
                && head.contentLength() <= SHORT_BODY_BYTES;
        Exchange began = exchanges.create(head, connection);
        present = began;
        began.start();
    }

    private void onContent(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        ended |= last;
        Exchange to = present;
        if (content.decoderResult().isFailure()) {
            content.release();
            keepAlive = false;
            ended = false;
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
                connection.afterExchange();
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
}

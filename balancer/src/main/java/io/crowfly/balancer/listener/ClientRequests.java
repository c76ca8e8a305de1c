package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.RequestHead;
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
    private final ResponseWriter writer;
    private final HalfCloseDetector halfCloseDetector;
    private final ClientConnection connection;
    private final ArrayDeque<HttpObject> waitingParts = new ArrayDeque<>(0);

    private @Nullable Exchange currentExchange;
    private boolean keepAlive = true;
    private boolean requestEnded = true;

    /** Whether the rest of the present request's body is sure to come, and soon over. */
    private boolean shortBody;

    private boolean exchangeReads = true;
    private boolean stopped;
    private boolean handlingWaiting;

    ClientRequests(
            Channel channel,
            String scheme,
            Exchanges exchanges,
            ResponseWriter writer,
            HalfCloseDetector halfCloseDetector,
            ClientConnection connection) {
        this.channel = channel;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.writer = writer;
        this.halfCloseDetector = halfCloseDetector;
        this.connection = connection;
    }

    /** The exchange that is under way. */
    @Nullable
    Exchange currentExchange() {
        return currentExchange;
    }

    /** It is over, as far as the client goes; its request may not have ended. @return the exchange */
    @Nullable
    Exchange detachExchange() {
        Exchange detached = currentExchange;
        currentExchange = null;
        return detached;
    }

    /** Whether the present request is whole, or there is none. */
    boolean requestEnded() {
        return requestEnded;
    }

    /** Whether some of what has been read is not taken up yet. */
    boolean hasWaiting() {
        return !waitingParts.isEmpty();
    }

    /** Whether another one may follow, if the present one is answered with that status now. */
    boolean mayReuseConnection(int status) {
        return keepAlive && (requestEnded || shortBody && status != REQUEST_TIMEOUT);
    }

    /** Whether another one will be answered behind the present one. */
    boolean keepAlive() {
        return keepAlive;
    }

    /** The present one is the last. */
    void acceptNoMore() {
        keepAlive = false;
    }

    /** What the client sends from here on has no end but the connection's; of what it has sent, nothing counts. */
    void becomeTunnel() {
        releaseWaiting();
        requestEnded = false;
        keepAlive = false;
    }

    /** No more of them are taken up: what comes is dropped. */
    void stop() {
        stopped = true;
        releaseWaiting();
    }

    /** Lets go of those that wait. */
    void releaseWaiting() {
        for (HttpObject part; (part = waitingParts.poll()) != null; ) {
            ReferenceCountUtil.release(part);
        }
    }

    // Reading.

    /** @param wanted the present exchange takes more */
    void setReading(boolean wanted) {
        exchangeReads = wanted;
        updateReading();
    }

    void updateReading() {
        if (!halfCloseDetector.isHalfClosed()) {
            // After a FIN there is nothing to read, and asking epoll for more breaks the connection.
            boolean canTakeMore = currentExchange != null || channel.isWritable();
            channel.config().setAutoRead(exchangeReads && canTakeMore && waitingParts.isEmpty());
        }
    }

    /** Takes ownership of what was decoded. */
    void onPart(HttpObject part) {
        if (!waitingParts.isEmpty() || part instanceof HttpRequest && !canStartRequest()) {
            waitingParts.add(part);
            updateReading();
        } else {
            handle(part);
        }
    }

    private boolean canStartRequest() {
        return currentExchange == null && channel.isWritable();
    }

    /**
     * First what is left of the present request, then the next one.
     *
     * @return false if that is being done already, by whoever called this
     */
    boolean handleWaiting() {
        if (handlingWaiting) {
            return false;
        }
        handlingWaiting = true;
        while (!waitingParts.isEmpty() && !stopped && (!requestEnded || canStartRequest())) {
            handle(waitingParts.poll());
        }
        handlingWaiting = false;
        onReadComplete();
        return true;
    }

    void onReadComplete() {
        if (currentExchange != null) {
            currentExchange.onRequestReadComplete();
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
        requestEnded = false;
        keepAlive = HttpUtil.isKeepAlive(request);
        connection.onRequestHead();
        writer.startResponseTo(request);
        RequestHead head;
        try {
            head = Http1RequestHeads.headOf(request, scheme);
        } catch (Http1RequestHeads.RefusedException e) {
            keepAlive = false;
            exchanges.refuse(connection, request.method().name(), request.uri(), e.response());
            return;
        }
        shortBody = !head.expectsContinue()
                && head.contentLength() != RequestHead.UNKNOWN_LENGTH
                && head.contentLength() <= SHORT_BODY_BYTES;
        Exchange exchange = exchanges.create(head, connection);
        currentExchange = exchange;
        exchange.start();
    }

    private void onContent(HttpContent content) {
        boolean isLast = content instanceof LastHttpContent;
        requestEnded |= isLast;
        Exchange exchange = currentExchange;
        if (content.decoderResult().isFailure()) {
            content.release();
            keepAlive = false;
            requestEnded = false;
            if (exchange != null) {
                exchange.onBadRequest(Http1RequestHeads.responseToDecodingError(
                        content.decoderResult().cause()));
            }
            return;
        }
        if (exchange == null) {
            // Answered already: what is left of the request is read and dropped.
            content.release();
            if (isLast) {
                connection.afterExchange();
            }
            return;
        }
        ByteBuf data = content.content();
        if (data.isReadable()) {
            exchange.onRequestBody(data);
        } else {
            data.release();
        }
        if (isLast) {
            exchange.onRequestEnd(((LastHttpContent) content).trailingHeaders());
        }
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.conf.Conf;
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
 * Sequence of the requests on one client connection: turns each into an exchange, one after the other. Responses are
 * sent in the order of the requests. The next request waits until the previous response is sent and the connection is
 * writable; reading is paused meanwhile. Confined to the connection's event loop.
 */
final class ClientRequests {

    /**
     * Maximum length of a request body whose rest is read and dropped after an early response, so that the connection
     * can be used for the next request.
     */
    private static final long SHORT_BODY_BYTES = 64 * 1024;

    private static final int REQUEST_TIMEOUT = 408;

    private final Channel channel;
    private final String scheme;
    private final Exchanges exchanges;
    private final ResponseWriter writer;
    private final HalfCloseDetector halfCloseDetector;
    private final HeadTimeout headTimeout;
    private final RequestDecoding decoding;
    private final ClientConnection connection;
    private final ArrayDeque<HttpObject> waitingParts = new ArrayDeque<>(0);

    private @Nullable Exchange currentExchange;
    private boolean keepAlive = true;
    private boolean requestEnded = true;

    /**
     * Whether the body of the current request is short, and the client does not wait for a 100 before it sends the
     * body.
     */
    private boolean shortBody;

    private final BodyRate bodyRate = new BodyRate();
    private final ReadPace pace = new ReadPace();

    /** Whether the current request opens a WebSocket, which has no minimum rate. */
    private boolean opensWebSocket;

    /** Whether the head of the current response has been sent. */
    private boolean responseStarted;

    private boolean exchangeReads = true;
    private boolean stopped;
    private boolean handlingWaiting;

    ClientRequests(
            Channel channel,
            String scheme,
            Exchanges exchanges,
            ResponseWriter writer,
            HalfCloseDetector halfCloseDetector,
            HeadTimeout headTimeout,
            RequestDecoding decoding,
            ClientConnection connection) {
        this.channel = channel;
        this.scheme = scheme;
        this.exchanges = exchanges;
        this.writer = writer;
        this.halfCloseDetector = halfCloseDetector;
        this.headTimeout = headTimeout;
        this.decoding = decoding;
        this.connection = connection;
    }

    /** Returns the exchange in progress; null if there is none. */
    @Nullable
    Exchange currentExchange() {
        return currentExchange;
    }

    /**
     * Detaches the exchange in progress, because its response is over. The end of its request may still be missing.
     *
     * @return the exchange; null if there was none
     */
    @Nullable
    Exchange detachExchange() {
        Exchange detached = currentExchange;
        currentExchange = null;
        return detached;
    }

    /** Whether the current request is complete, or there is none. */
    boolean requestEnded() {
        return requestEnded;
    }

    /** Whether parts of later requests have been read and wait to be handled. */
    boolean hasWaiting() {
        return !waitingParts.isEmpty() || decoding.hasUndecoded();
    }

    /**
     * Whether the connection can be used for another request if the response to the current one has the given status.
     */
    boolean mayReuseConnection(int status) {
        return keepAlive && (requestEnded || shortBody && status != REQUEST_TIMEOUT);
    }

    /**
     * Returns whether a WebSocket is requested and no backend has switched protocols. A client that closes its sending
     * side at that time can't use the WebSocket any more.
     */
    boolean awaitsSwitch() {
        return currentExchange != null && opensWebSocket && !responseStarted;
    }

    /** Records that the head of the current response is sent. */
    void onResponseHead() {
        responseStarted = true;
    }

    boolean isResponseStarted() {
        return responseStarted;
    }

    /** Whether another request can follow the current one. */
    boolean keepAlive() {
        return keepAlive;
    }

    /** Makes the current request the last one of the connection. */
    void acceptNoMore() {
        keepAlive = false;
    }

    /**
     * Makes everything that the client sends from now on part of one body that ends with the connection. Discards the
     * parts that wait.
     */
    void becomeTunnel() {
        releaseWaiting();
        requestEnded = false;
        keepAlive = false;
    }

    /** Drops all parts that wait, and all parts that are read from now on. */
    void stop() {
        stopped = true;
        releaseWaiting();
    }

    /** Releases the parts that wait, and drops the bytes after them. */
    void releaseWaiting() {
        decoding.dropUndecoded();
        for (HttpObject part; (part = waitingParts.poll()) != null; ) {
            ReferenceCountUtil.release(part);
        }
    }

    // Methods that read.

    /** The exchange that may have paused reading has ended. The caller must {@linkplain #updateReading update}. */
    void forgetPause() {
        exchangeReads = true;
    }

    /** Sets whether the current exchange accepts more of the request. */
    void setReading(boolean wanted) {
        exchangeReads = wanted;
        updateReading();
    }

    void updateReading() {
        if (!halfCloseDetector.isHalfClosed()) {
            // Only before a FIN: after a FIN there is nothing to read, and epoll fails the connection if a read is
            // requested.
            boolean canTakeMore = currentExchange != null || channel.isWritable();
            boolean reads = exchangeReads && canTakeMore && waitingParts.isEmpty() && !pace.isPaused();
            if (reads != channel.config().isAutoRead()) {
                channel.config().setAutoRead(reads);
            }
        }
    }

    /** A tiny piece has been read. Pauses reading if the client sends many of them inside requests. */
    void onTinyRead() {
        if (!requestEnded || headTimeout.hasBegun()) {
            pace.onTinyRead();
            if (pace.isPaused()) {
                updateReading();
            }
        }
    }

    /** Continues to read if {@link #onTinyRead} has paused it long enough. */
    void resumeReading(long nowNanos) {
        boolean wasPaused = pace.isPaused();
        pace.onTick(nowNanos);
        if (wasPaused && !pace.isPaused()) {
            updateReading();
        }
    }

    /** Handles one decoded part of a request. Takes ownership of the part. */
    void onPart(HttpObject part) {
        if (!waitingParts.isEmpty() || part instanceof HttpRequest && !canStartRequest()) {
            waitingParts.add(part);
            decoding.pause();
            updateReading();
        } else {
            handle(part);
        }
    }

    private boolean canStartRequest() {
        return currentExchange == null && channel.isWritable();
    }

    /**
     * Handles the waiting parts: first the rest of the current request, then the next one.
     *
     * @return false if this method is already running further up the stack
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
        if (waitingParts.isEmpty()) {
            decoding.resume();
        }
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
        headTimeout.onHead();
        if (stopped) {
            return;
        }
        requestEnded = false;
        keepAlive = HttpUtil.isKeepAlive(request);
        responseStarted = false;
        writer.startResponseTo(request);
        RequestHead head;
        try {
            head = Http1RequestHeads.headOf(request, scheme, writer.cors());
        } catch (Http1RequestHeads.RefusedException e) {
            keepAlive = false;
            exchanges.refuse(connection, request.method().name(), request.uri(), e.response());
            return;
        }
        bodyRate.onHead();
        shortBody = !head.expectsContinue()
                && head.contentLength() != RequestHead.UNKNOWN_LENGTH
                && head.contentLength() <= SHORT_BODY_BYTES;
        Exchange exchange = exchanges.create(head, connection);
        currentExchange = exchange;
        opensWebSocket = !head.hasBody() && head.requestsWebSocket();
        exchange.start();
    }

    /** Ends the connection if the head of the next request is not complete in time. Call while there is no exchange. */
    void checkHead(long nowNanos) {
        boolean awaitsHead = requestEnded && canStartRequest() && !hasWaiting() && !stopped;
        if (!awaitsHead) {
            return;
        }
        if (!headTimeout.isExpired(
                nowNanos, exchanges.snapshot().conf().timeouts().head().toNanos())) {
            decoding.releaseLongHead();
        } else if (headTimeout.hasBegun()) {
            refuseIncompleteHead();
        } else {
            // No 408 is sent without a request: a client that has opened the connection in advance would take the 408
            // for the response to its first request. A TLS handshake may be incomplete as well.
            channel.close();
        }
    }

    private void refuseIncompleteHead() {
        keepAlive = false;
        responseStarted = false;
        writer.startResponseToIncompleteHead();
        exchanges.refuse(connection, "", "", ErrorResponse.headTimeout());
    }

    /** Refuses the current request if its body arrives too slowly. The connection is closed afterwards. */
    void checkBodyRate(long nowNanos) {
        if (requestEnded || opensWebSocket || stopped) {
            return;
        }
        Conf conf = exchanges.snapshot().conf();
        if (bodyRate.isTooLow(
                nowNanos,
                channel.config().isAutoRead(),
                conf.limits().bodyRate(),
                conf.timeouts().bodyWindow().toNanos())) {
            keepAlive = false;
            if (currentExchange == null) {
                // The response was sent early, and the rest of the body does not arrive.
                channel.close();
            } else {
                currentExchange.onBadRequest(ErrorResponse.bodyTimeout(), "request body too slow");
            }
        }
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
                exchange.onBadRequest(
                        Http1RequestHeads.responseToDecodingError(
                                content.decoderResult().cause()),
                        "bad request body");
            }
            return;
        }
        bodyRate.onBody(content.content().readableBytes());
        if (exchange == null) {
            // The response was sent early, so the rest of the request is dropped.
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

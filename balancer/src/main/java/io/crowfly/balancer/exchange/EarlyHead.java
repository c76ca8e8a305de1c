package io.crowfly.balancer.exchange;

import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.forecast.Api;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Head of a token stream that Crowfly sends after {@code timeouts.commit} without a token, and the comments after it.
 * Many clients and proxies close a connection that has no head for long. The head belongs to no attempt, so further
 * attempts remain possible until the first token. Confined to the exchange's event loop.
 */
final class EarlyHead {

    /**
     * Comment that keeps a connection open. It ends in one line feed: after two, some libraries parse the comment as an
     * event without data.
     */
    private static final byte[] COMMENT = ": ping\n".getBytes(StandardCharsets.US_ASCII);

    private final Downstream downstream;
    private final long keepaliveNanos;
    private long lastCommentNanos;

    private EarlyHead(Downstream downstream, Timeouts timeouts) {
        this.downstream = downstream;
        keepaliveNanos = timeouts.keepalive().toNanos();
    }

    /** Sends the head, with a first comment, if {@code timeouts.commit} has passed; empty if no head is due. */
    static Optional<EarlyHead> sendIfDue(Request request, Downstream downstream, Timeouts timeouts, long nowNanos) {
        if (!isDue(request, timeouts.commit().toNanos(), nowNanos)) {
            return Optional.empty();
        }
        EarlyHead earlyHead = new EarlyHead(downstream, timeouts);
        earlyHead.send(request.id, nowNanos);
        return Optional.of(earlyHead);
    }

    private static boolean isDue(Request request, long commitNanos, long nowNanos) {
        return commitNanos > 0
                && request.ended()
                && nowNanos - request.endedNanos() > commitNanos
                && request.requestClass().streamed()
                && respondsWithEvents(request.requestClass().api())
                && !request.head.bodyIsFirstMessage();
    }

    /** Returns whether a good response of this operation is an event stream if the request says {@code stream}. */
    private static boolean respondsWithEvents(Api api) {
        return switch (api) {
            case CHAT_COMPLETIONS, COMPLETIONS, RESPONSES -> true;
            case EMBEDDINGS, OTHER -> false;
        };
    }

    private void send(String requestId, long nowNanos) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        headers.set(RequestIds.HEADER, requestId);
        downstream.sendHead(new ResponseHead(200, headers));
        if (keepaliveNanos > 0) {
            sendComment(nowNanos);
        }
        downstream.flush();
    }

    /** Sends a comment when its time has come. Call only while no response has begun. */
    void onTick(long nowNanos) {
        if (keepaliveNanos > 0 && nowNanos - lastCommentNanos > keepaliveNanos && downstream.isWritable()) {
            sendComment(nowNanos);
            downstream.flush();
        }
    }

    /** Returns a new buffer with the comment, which the caller owns. */
    static ByteBuf comment() {
        return Unpooled.wrappedBuffer(COMMENT);
    }

    private void sendComment(long nowNanos) {
        lastCommentNanos = nowNanos;
        downstream.sendBody(comment());
    }
}

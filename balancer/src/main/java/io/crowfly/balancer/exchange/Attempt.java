package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.conf.Timeouts;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** One try at one backend: stands between the exchange and the stream, and lets nothing through once it is over. */
final class Attempt implements UpstreamEvents {

    private final Exchange exchange;
    private final Upstream upstream;
    private final Timeouts timeouts;
    private final long startedNanos = System.nanoTime();

    private @Nullable UpstreamStream stream;
    private boolean starting;
    private boolean over;
    private boolean requestEnded;
    private boolean answering;

    /** When the request had been sent, as of the first tick that found it so; 0 before. */
    private long sentNanos;

    Attempt(Exchange exchange, Upstream upstream, Timeouts timeouts) {
        this.exchange = exchange;
        this.upstream = upstream;
        this.timeouts = timeouts;
    }

    void start(int loop, boolean fresh) {
        upstream.began();
        starting = true;
        upstream.open(loop, fresh, this);
        starting = false;
    }

    /** Whether {@link #start} has not returned yet: the stream, if there is one, was there at once. */
    boolean isStarting() {
        return starting;
    }

    Upstream upstream() {
        return upstream;
    }

    /** Whether there is a stream to send to. */
    boolean isOpen() {
        return stream != null && !over;
    }

    boolean wasReused() {
        return stream != null && stream.reused();
    }

    void sendHead(RequestHead head, String requestId, String client) {
        HttpHeaders headers = head.headers().copy();
        headers.set(RequestIds.HEADER, requestId);
        Forwarded.addTo(headers, head, client);
        upstream.dialect().prepare(headers);
        stream.sendHead(new RequestHead(
                head.method(),
                head.scheme(),
                upstream.dialect().authority(),
                upstream.dialect().target(head.target()),
                headers,
                head.contentLength(),
                false));
    }

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data) {
        stream.sendBody(data);
    }

    void sendEnd(HttpHeaders trailers) {
        requestEnded = true;
        stream.sendEnd(
                upstream.dialect().takesTrailers() ? Trailers.strip(trailers.copy()) : EmptyHttpHeaders.INSTANCE);
    }

    void flush() {
        stream.flush();
    }

    boolean isWritable() {
        return stream != null && stream.isWritable();
    }

    void setReading(boolean reading) {
        stream.setReading(reading);
    }

    void cancel() {
        if (!over) {
            over();
            if (stream != null) {
                stream.cancel();
            }
        }
    }

    /** Whether all has been said to the backend and it is its turn, for which it has a timeout of its own. */
    boolean awaitsAnswer() {
        return isOpen() && requestEnded && !answering;
    }

    /** Whether this attempt has just been given up for being late. */
    boolean isLate(long nowNanos) {
        if (over || answering) {
            return false;
        }
        if (stream == null) {
            if (nowNanos - startedNanos > timeouts.connect().toNanos()) {
                giveUp(new UpstreamFailure(Kind.CONNECT_TIMEOUT, "no connection within " + millis(timeouts.connect())));
                return true;
            }
        } else if (requestEnded) {
            if (sentNanos == 0) {
                sentNanos = nowNanos;
            } else if (nowNanos - sentNanos > timeouts.firstByte().toNanos()) {
                giveUp(new UpstreamFailure(
                        Kind.FIRST_BYTE_TIMEOUT, "no answer within " + millis(timeouts.firstByte())));
                return true;
            }
        }
        return false;
    }

    private void giveUp(UpstreamFailure failure) {
        cancel();
        exchange.onAttemptFailed(this, failure);
    }

    private void over() {
        over = true;
        upstream.ended();
    }

    @Override
    public void onOpen(UpstreamStream opened) {
        stream = opened;
        if (over) {
            opened.cancel();
        } else {
            exchange.onOpen(this);
        }
    }

    @Override
    public void onInterim(ResponseHead head) {
        if (!over) {
            exchange.onInterim(head);
        }
    }

    @Override
    public void onHead(ResponseHead head) {
        if (!over) {
            answering = true;
            exchange.onHead(head);
        }
    }

    @Override
    public void onBody(ByteBuf data) {
        if (over) {
            data.release();
        } else {
            exchange.onAnswerBody(data);
        }
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
        if (!over) {
            over();
            exchange.onAnswerEnd(trailers);
        }
    }

    @Override
    public void onReadComplete() {
        if (!over) {
            exchange.onAnswerReadComplete();
        }
    }

    @Override
    public void onWritabilityChanged() {
        if (!over && stream != null) {
            exchange.onUpstreamWritabilityChanged(stream.isWritable());
        }
    }

    @Override
    public void onFailure(UpstreamFailure failure) {
        if (!over) {
            over();
            exchange.onAttemptFailed(this, failure);
        }
    }

    private static String millis(java.time.Duration duration) {
        return duration.toMillis() + "ms";
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.content.SpanEdit;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.exchange.Tried.Role;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.balancer.provider.Dialect;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The life of an attempt:
 *
 *   connecting ──► sending ──► waiting ──► relaying: its answer goes to the client
 *                                 │  ▲
 *                                 ▼  │ nobody did better
 *                               holding: an error that the client should rather not see, or not in those words
 *
 * and over at any point, by its own end, a failure, or the exchange that has no use for it any more.
 */

/** One try at one backend: stands between the exchange and the stream, and lets nothing through once it is over. */
final class Attempt implements UpstreamEvents {

    private final Attempts attempts;
    private final Upstream upstream;
    private final int place;
    private final Role role;
    private final String why;
    private final AttemptWatch watch;
    private final long startedNanos = System.nanoTime();

    private @Nullable UpstreamStream stream;
    private boolean starting;
    private boolean over;
    private boolean requestEnded;
    private boolean flushed;
    private boolean relaying;
    private Shown shown = new Shown.Nothing();
    private @Nullable SpanEdit edit;
    private @Nullable HeldAnswer held;

    /** Whether the answer that is held has been judged; what still comes of it is only kept. */
    private boolean settled;

    /** Whether what is held is the client's, as soon as as much of it has come as that takes. */
    private boolean giving;

    private boolean exhausted;

    private Ending ending = Ending.ANSWERED;

    /** How it ended, for people. */
    private String end = "cancelled";

    Attempt(Attempts attempts, Upstream upstream, int place, Role role, String why, AttemptWatch watch) {
        this.attempts = attempts;
        this.upstream = upstream;
        this.place = place;
        this.role = role;
        this.why = why;
        this.watch = watch;
    }

    void start(int loop, boolean fresh) {
        upstream.began();
        shown = attempts.choice().shown(upstream);
        if (shown instanceof Shown.Missing missing) {
            onFailure(new UpstreamFailure(Kind.NO_CREDENTIAL, "no credential: " + missing.why()));
            return;
        }
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

    int place() {
        return place;
    }

    Role role() {
        return role;
    }

    String why() {
        return why;
    }

    AttemptWatch watch() {
        return watch;
    }

    Tried asTried() {
        boolean warm = stream != null && stream.reused();
        return new Tried(place, role, why, end, watch.inFlight(), warm, watch.sinceSentNanos());
    }

    // Sending.

    /** Whether there is a stream to send to. */
    boolean isOpen() {
        return stream != null && !over;
    }

    /** What the backend has been shown, or is about to be. */
    Shown shown() {
        return shown;
    }

    void sendHead(Request request, String client) {
        RequestHead head = request.head;
        Dialect dialect = upstream.dialect();
        HttpHeaders headers = head.headers().copy();
        headers.set(RequestIds.HEADER, request.id);
        Forwarded.addTo(headers, head, client);
        if (request.answerTellsSomething()) {
            // Clients' libraries take compressed answers, and of those nothing could be learned.
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY);
        }
        edit = request.renaming(upstream).orElse(null);
        long length = head.contentLength();
        if (edit != null) {
            BodyDigests.removeFrom(headers);
            if (length != RequestHead.UNKNOWN_LENGTH) {
                length += edit.delta();
                headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
            }
        }
        dialect.prepare(headers, shown);
        stream.sendHead(new RequestHead(
                head.method(),
                head.scheme(),
                dialect.authority(),
                dialect.target(request.target, request.modelAt(upstream)),
                headers,
                length,
                false));
        watch.onHeadSent(upstream.inFlight());
    }

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data) {
        if (edit == null) {
            stream.sendBody(data);
        } else {
            edit.pass(data, stream::sendBody);
        }
    }

    void sendEnd(HttpHeaders trailers) {
        requestEnded = true;
        HttpHeaders its = EmptyHttpHeaders.INSTANCE;
        if (upstream.dialect().takesTrailers() && !trailers.isEmpty()) {
            its = Trailers.strip(trailers.copy());
            if (edit != null) {
                BodyDigests.removeFrom(its);
            }
        }
        stream.sendEnd(its);
    }

    void flush() {
        flushed = true;
        stream.flush();
    }

    boolean isWritable() {
        return stream != null && stream.isWritable();
    }

    void setReading(boolean reading) {
        if (isOpen()) {
            stream.setReading(reading);
        }
    }

    /** Of no more use to anybody: what it still has of an answer is let go. */
    void cancel() {
        if (!over) {
            over();
            if (stream != null) {
                stream.cancel();
            }
        }
        letGo();
    }

    // Waiting.

    /** Whether it may still come to an answer. */
    boolean isWaiting() {
        return !over && !relaying && held == null;
    }

    /** Whether all has been said to the backend and it is its turn, for which it has a timeout of its own. */
    boolean awaitsAnswer() {
        return isWaiting() && stream != null && requestEnded;
    }

    boolean isConnecting() {
        return !over && stream == null;
    }

    /** Since the attempt began. */
    long ageNanos(long nowNanos) {
        return nowNanos - startedNanos;
    }

    void giveUp(UpstreamFailure failure) {
        if (!over) {
            over();
            if (stream != null) {
                stream.cancel();
            }
            attempts.onFailure(this, failure);
        }
    }

    Ending endingOf(Kind kind) {
        return Ending.of(kind, stream != null && stream.reused(), flushed);
    }

    // Holding.

    /** Keeps the answer from the client until it is {@linkplain Attempts#onHeld judged}. */
    void hold(ResponseHead head, Ending its, long retryAfterNanos) {
        held = new HeldAnswer(head, retryAfterNanos);
        ending = its;
    }

    @Nullable
    HeldAnswer held() {
        return held;
    }

    Ending ending() {
        return ending;
    }

    /** It has failed, or its body has told what was unclear. */
    void turnsOutAs(Ending clear) {
        ending = clear;
    }

    /** How it ended, in a few words for people. */
    void endsAs(String words) {
        end = words;
    }

    private void settle() {
        if (giving) {
            deliver();
        } else if (!settled) {
            settled = true;
            attempts.onHeld(this);
        }
    }

    void letGo() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    // Relaying.

    /** From here on the exchange gets what comes. */
    void relay() {
        relaying = true;
    }

    /** What is held goes to the client: when it is whole, since it may have to be said in other words. */
    void give(boolean withoutHope) {
        giving = true;
        exhausted = withoutHope;
        if (over || held.isFull() || !attempts.mayNeedOtherWords(this, held.head)) {
            deliver();
        } else {
            setReading(true);
        }
    }

    private void deliver() {
        HeldAnswer its = held;
        Exchange exchange = attempts.exchange();
        Optional<byte[]> translated = attempts.mayNeedOtherWords(this, its.head) ? its.translate() : Optional.empty();
        relaying = true;
        exchange.onHead(this, its.head, exhausted);
        if (translated.isPresent()) {
            letGo();
            exchange.onAnswerBody(Unpooled.wrappedBuffer(translated.get()));
            exchange.onAnswerEnd(EmptyHttpHeaders.INSTANCE);
        } else {
            relayHeld(its);
        }
    }

    private void relayHeld(HeldAnswer its) {
        Exchange exchange = attempts.exchange();
        for (ByteBuf piece; (piece = its.take()) != null; ) {
            exchange.onAnswerBody(piece);
        }
        HttpHeaders trailers = its.trailers();
        letGo();
        if (trailers != null) {
            exchange.onAnswerEnd(trailers);
        } else if (over) {
            exchange.onAnswerBroken("an error broke off");
        } else {
            exchange.onWritabilityChanged();
            exchange.onAnswerReadComplete();
        }
    }

    private void over() {
        over = true;
        upstream.ended();
    }

    // From the stream.

    @Override
    public void onOpen(UpstreamStream opened) {
        stream = opened;
        if (over) {
            opened.cancel();
        } else {
            attempts.relay().onOpen(this);
        }
    }

    @Override
    public void onSent() {
        watch.onSent();
    }

    @Override
    public void onInterim(ResponseHead head) {
        if (!over) {
            attempts.onInterim(head);
        }
    }

    @Override
    public void onHead(ResponseHead head) {
        if (!over) {
            end = Integer.toString(head.status());
            attempts.onHead(this, head);
        }
    }

    @Override
    public void onBody(ByteBuf data) {
        if (over) {
            data.release();
        } else if (held != null) {
            held.hold(data);
            if (held != null && held.isFull()) {
                stream.setReading(false);
                settle();
            }
        } else {
            watch.onBody(data);
            attempts.exchange().onAnswerBody(data);
        }
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
        if (over) {
            return;
        }
        over();
        if (held != null) {
            held.end(trailers);
            settle();
        } else {
            watch.onEnd();
            attempts.exchange().onAnswerEnd(trailers);
        }
    }

    @Override
    public void onReadComplete() {
        if (over) {
            return;
        }
        if (held == null) {
            attempts.exchange().onAnswerReadComplete();
        } else if (!giving && !ending.needsBody()) {
            // There is more of it to come, which need not be waited for.
            settle();
        }
    }

    @Override
    public void onWritabilityChanged() {
        if (isOpen()) {
            attempts.relay().onWritabilityChanged(this);
        }
    }

    @Override
    public void onFailure(UpstreamFailure failure) {
        if (!over) {
            over();
            if (giving && held != null) {
                deliver();
            } else {
                attempts.onFailure(this, failure);
            }
        }
    }
}

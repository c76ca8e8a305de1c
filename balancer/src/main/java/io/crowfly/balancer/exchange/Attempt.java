package io.crowfly.balancer.exchange;

import io.crowfly.balancer.content.SpanEdit;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.exchange.Tried.Role;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
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
    private @Nullable Holding holding;
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

    /** The backend's. */
    String name() {
        return upstream.backend().name();
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
        edit = request.renaming(upstream).orElse(null);
        stream.sendHead(UpstreamHead.of(request, upstream, shown, edit, client));
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
        return !over && !relaying && holding == null;
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

    /**
     * Keeps the answer from the client until it is {@linkplain Attempts#onHeld judged}.
     *
     * @param retryAfterNanos as {@link HeldAnswer#retryAfterNanos} has it
     * @param otherWords whether it may have to be said in other words, should it be {@linkplain #give given}
     */
    void hold(ResponseHead head, Ending its, long retryAfterNanos, boolean otherWords) {
        HeldAnswer answer = new HeldAnswer(head, retryAfterNanos);
        holding = new Holding(attempts, this, answer, its.needsBody(), otherWords);
        ending = its;
    }

    /** What is held; no longer once it is the client's, or let go. */
    @Nullable
    HeldAnswer held() {
        return holding == null ? null : holding.answer();
    }

    /** What is held goes to the client: perhaps not before it is whole, since it may have to be said in other words. */
    void give(boolean exhausted) {
        holding.give(exhausted);
    }

    void letGo() {
        if (holding != null) {
            holding.answer().release();
            holding = null;
        }
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

    // Relaying.

    /** From here on the exchange gets what comes. */
    void relay() {
        relaying = true;
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
        } else if (holding != null) {
            holding.onBody(data);
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
        if (holding != null) {
            holding.onEnd(trailers);
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
        if (holding != null) {
            holding.onReadComplete();
        } else {
            attempts.exchange().onAnswerReadComplete();
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
            if (holding == null || !holding.onFailure()) {
                attempts.onFailure(this, failure);
            }
        }
    }
}

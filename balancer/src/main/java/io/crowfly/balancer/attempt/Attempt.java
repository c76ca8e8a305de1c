package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.content.request.SpanEdit;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.BodyDigestHeaders;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.Trailers;
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
public final class Attempt implements UpstreamEvents {

    private final Attempts attempts;
    private final Upstream upstream;
    private final int place;
    private final Role role;
    private final String why;
    private final AttemptObserver observer;
    private final long startedNanos = System.nanoTime();

    private @Nullable UpstreamStream stream;
    private boolean starting;
    private boolean ended;
    private boolean requestEnded;
    private boolean written;
    private boolean relaying;
    private AttachedCredential credential = new AttachedCredential.None();
    private @Nullable SpanEdit edit;
    private @Nullable HeldResponseHandler heldHandler;
    private AttemptOutcome outcome = AttemptOutcome.RESPONSE;

    /** How it ended, for people. */
    private String outcomeText = "cancelled";

    Attempt(Attempts attempts, Upstream upstream, int place, Role role, String why, AttemptObserver observer) {
        this.attempts = attempts;
        this.upstream = upstream;
        this.place = place;
        this.role = role;
        this.why = why;
        this.observer = observer;
    }

    void start(int loop, boolean fresh) {
        upstream.onAttemptStart();
        credential = attempts.selection().credentialFor(upstream);
        if (credential instanceof AttachedCredential.Missing missing) {
            onFailure(new UpstreamFailure(Kind.NO_CREDENTIAL, "no credential: " + missing.reason()));
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

    public Upstream upstream() {
        return upstream;
    }

    /** The backend's. */
    String backendName() {
        return upstream.backend().name();
    }

    int place() {
        return place;
    }

    Role role() {
        return role;
    }

    public String why() {
        return why;
    }

    public AttemptObserver observer() {
        return observer;
    }

    public AttemptRecord record() {
        boolean warm = stream != null && stream.reused();
        return new AttemptRecord(place, role, why, outcomeText, observer.inFlight(), warm, observer.sinceSentNanos());
    }

    // Sending.

    /** Whether there is a stream to send to. */
    boolean isOpen() {
        return stream != null && !ended;
    }

    /** What the backend has been shown, or is about to be. */
    public AttachedCredential credential() {
        return credential;
    }

    void sendHead(Request request, String client) {
        edit = request.modelEdit(upstream.backend(), upstream.dialect()).orElse(null);
        stream.sendHead(UpstreamRequestHead.create(request, upstream, credential, edit, client));
        observer.onHeadSent(upstream.inFlight());
    }

    /** Takes ownership of the data. */
    void sendBody(ByteBuf data) {
        if (edit == null) {
            stream.sendBody(data);
        } else {
            edit.apply(data, stream::sendBody);
        }
    }

    void sendEnd(HttpHeaders trailers) {
        requestEnded = true;
        HttpHeaders its = EmptyHttpHeaders.INSTANCE;
        if (upstream.dialect().acceptsTrailers() && !trailers.isEmpty()) {
            its = Trailers.strip(trailers.copy());
            if (edit != null) {
                BodyDigestHeaders.removeFrom(its);
            }
        }
        stream.sendEnd(its);
    }

    void flush() {
        written = true;
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
        if (!ended) {
            markEnded();
            if (stream != null) {
                stream.cancel();
            }
        }
        releaseHeld();
    }

    // Waiting.

    /** Whether it may still come to an answer. */
    boolean isWaiting() {
        return !ended && !relaying && heldHandler == null;
    }

    /** Whether all has been said to the backend and it is its turn, for which it has a timeout of its own. */
    boolean awaitsResponse() {
        return isWaiting() && stream != null && requestEnded;
    }

    boolean isConnecting() {
        return !ended && stream == null;
    }

    /** Since the attempt began. */
    long ageNanos(long nowNanos) {
        return nowNanos - startedNanos;
    }

    void abandon(UpstreamFailure failure) {
        if (!ended) {
            markEnded();
            if (stream != null) {
                stream.cancel();
            }
            attempts.onFailure(this, failure);
        }
    }

    AttemptOutcome outcomeOf(Kind kind) {
        return AttemptOutcome.of(kind, stream != null && stream.reused(), written);
    }

    // Holding.

    /**
     * Keeps the answer from the client until it is {@linkplain Attempts#onHeldResponse judged}.
     *
     * @param retryAfterNanos as {@link HeldResponse#retryAfterNanos} has it
     * @param needsTranslation whether it may have to be said in other words, should it be {@linkplain #deliverHeld given}
     */
    void holdResponse(ResponseHead head, AttemptOutcome its, long retryAfterNanos, boolean needsTranslation) {
        HeldResponse response = new HeldResponse(head, retryAfterNanos);
        heldHandler = new HeldResponseHandler(attempts, this, response, its.needsBody(), needsTranslation);
        outcome = its;
    }

    /** What is held; no longer once it is the client's, or let go. */
    @Nullable
    HeldResponse heldResponse() {
        return heldHandler == null ? null : heldHandler.heldResponse();
    }

    /** What is held goes to the client: perhaps not before it is whole, since it may have to be said in other words. */
    void deliverHeld(boolean exhausted) {
        heldHandler.startDelivery(exhausted);
    }

    void releaseHeld() {
        if (heldHandler != null) {
            heldHandler.heldResponse().release();
            heldHandler = null;
        }
    }

    AttemptOutcome outcome() {
        return outcome;
    }

    /** It has failed, or its body has told what was unclear. */
    void setOutcome(AttemptOutcome newOutcome) {
        outcome = newOutcome;
    }

    /** How it ended, in a few words for people. */
    void setOutcomeText(String text) {
        outcomeText = text;
    }

    // Relaying.

    /** From here on the exchange gets what comes. */
    void startRelaying() {
        relaying = true;
    }

    private void markEnded() {
        ended = true;
        upstream.onAttemptEnd();
    }

    // From the stream.

    @Override
    public void onOpen(UpstreamStream newStream) {
        stream = newStream;
        if (ended) {
            newStream.cancel();
        } else {
            attempts.relay().onOpen(this);
        }
    }

    @Override
    public void onSent() {
        observer.onSent();
    }

    @Override
    public void onInterim(ResponseHead head) {
        if (!ended) {
            attempts.onInterim(head);
        }
    }

    @Override
    public void onHead(ResponseHead head) {
        if (!ended) {
            outcomeText = Integer.toString(head.status());
            attempts.onHead(this, head);
        }
    }

    @Override
    public void onBody(ByteBuf data) {
        if (ended) {
            data.release();
        } else if (heldHandler != null) {
            heldHandler.onBody(data);
        } else {
            observer.onBody(data);
            attempts.receiver().onResponseBody(data);
        }
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
        if (ended) {
            return;
        }
        markEnded();
        if (heldHandler != null) {
            heldHandler.onEnd(trailers);
        } else {
            observer.onEnd();
            attempts.receiver().onResponseEnd(trailers);
        }
    }

    @Override
    public void onReadComplete() {
        if (ended) {
            return;
        }
        if (heldHandler != null) {
            heldHandler.onReadComplete();
        } else {
            attempts.receiver().onResponseReadComplete();
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
        if (!ended) {
            markEnded();
            if (heldHandler == null || !heldHandler.onFailure()) {
                attempts.onFailure(this, failure);
            }
        }
    }
}

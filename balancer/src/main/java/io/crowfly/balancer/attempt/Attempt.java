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
 * The states of an attempt:
 *
 *   connecting ──► sending ──► waiting ──► relaying: its response is sent to the client
 *                                 │  ▲
 *                                 ▼  │ no other attempt has a better response
 *                               holding: an error response that a retry may replace, or that is translated first
 *
 * An attempt ends in any state: by the end of its response, by a failure, or when the exchange cancels it.
 */

/**
 * One attempt of an exchange at one backend. Passes the stream's events on until the attempt has ended, and none after.
 */
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

    /** How the attempt ended, for operators. */
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

    /** Returns whether {@link #start} has not returned yet. A stream at that time is one on an idle connection. */
    boolean isStarting() {
        return starting;
    }

    public Upstream upstream() {
        return upstream;
    }

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

    /** Returns whether the attempt has a stream and has not ended. */
    boolean isOpen() {
        return stream != null && !ended;
    }

    /** Returns the credential that is, or will be, attached to the request. */
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
        HttpHeaders allowed = EmptyHttpHeaders.INSTANCE;
        if (upstream.dialect().acceptsTrailers() && !trailers.isEmpty()) {
            allowed = Trailers.strip(trailers.copy());
            upstream.dialect().prepareTrailers(allowed);
            if (edit != null) {
                BodyDigestHeaders.removeFrom(allowed);
            }
        }
        stream.sendEnd(allowed);
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

    /** Ends the attempt and releases the held response, if any. */
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

    /** Returns whether the attempt may still receive a response. */
    boolean isWaiting() {
        return !ended && !relaying && heldHandler == null;
    }

    /** Returns whether the whole request has been sent, so that the timeout for the response applies. */
    boolean awaitsResponse() {
        return isWaiting() && stream != null && requestEnded;
    }

    boolean isConnecting() {
        return !ended && stream == null;
    }

    /** Returns the time since the attempt's start, in nanoseconds. */
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
     * Holds the response back from the client until {@link Attempts#onHeldResponse} has decided.
     *
     * @param retryAfterNanos see {@link HeldResponse#retryAfterNanos}
     * @param needsTranslation whether the error may have to be translated before its {@linkplain #deliverHeld delivery}
     */
    void holdResponse(ResponseHead head, AttemptOutcome heldOutcome, long retryAfterNanos, boolean needsTranslation) {
        HeldResponse response = new HeldResponse(head, retryAfterNanos);
        heldHandler = new HeldResponseHandler(attempts, this, response, heldOutcome.needsBody(), needsTranslation);
        outcome = heldOutcome;
    }

    /** Returns the held response; null after its delivery or release. */
    @Nullable
    HeldResponse heldResponse() {
        return heldHandler == null ? null : heldHandler.heldResponse();
    }

    /** Sends the held response to the client, after it is complete if it may have to be translated. */
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

    /** Sets the outcome after a failure, or after the body has clarified an unclear one. */
    void setOutcome(AttemptOutcome newOutcome) {
        outcome = newOutcome;
    }

    /** Sets how the attempt ended, in a few words for operators. */
    void setOutcomeText(String text) {
        outcomeText = text;
    }

    // Relaying.

    /** From here on the response's data is passed to the exchange. */
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

package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.SpliceTarget;
import io.crowfly.balancer.routing.Overflow;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * The states of an attempt:
 *
 *   connecting ──► sending ──► waiting ──► relaying
 *                                 │  ▲
 *                                 ▼  │ no other attempt has a better response
 *                               holding
 *
 * Relaying: the response is sent to the client. A token stream is held until its first token; until then the attempt is
 * still waiting. Holding: the response is an error that a retry may replace, or that is translated first. While the
 * next step depends on the error's body, the attempt counts as waiting.
 *
 * An attempt ends in any state: by the end of its response, by a failure, or when the exchange cancels it.
 */

/**
 * One attempt of an exchange at one backend: opens a stream, sends the request, and passes the events of the stream on.
 * After the attempt has ended, no event is passed on.
 */
public final class Attempt implements UpstreamEvents {

    private final Attempts attempts;
    private final Upstream upstream;
    private final int place;
    private final Role role;
    private final Optional<Overflow> overflow;
    private final String why;
    private final AttemptObserver observer;
    private final long startedNanos;

    private @Nullable UpstreamStream stream;
    private boolean starting;
    private boolean ended;
    private boolean relaying;
    private AttachedCredential credential = AttachedCredential.None.INSTANCE;
    private @Nullable UpstreamRequest sent;
    private @Nullable UncommittedStream uncommitted;
    private @Nullable HeldResponseHandler heldHandler;
    private AttemptOutcome outcome = AttemptOutcome.RESPONSE;

    /** Result of the attempt in a few words, for operators. */
    private String outcomeText = "cancelled";

    Attempt(
            Attempts attempts,
            Upstream upstream,
            int place,
            Role role,
            String why,
            Optional<Overflow> overflow,
            AttemptObserver observer,
            long startedNanos) {
        this.attempts = attempts;
        this.upstream = upstream;
        this.place = place;
        this.role = role;
        this.overflow = overflow;
        this.why = why;
        this.observer = observer;
        this.startedNanos = startedNanos;
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

    /**
     * Returns whether {@link #start} is still running. A stream that opens during {@code start} is on an idle
     * connection.
     */
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

    /** @param repaired whether another attempt has served the request */
    public AttemptRecord record(boolean repaired) {
        boolean warm = stream != null && stream.reused();
        boolean byEvent = observer.errorBeforeToken() != null;
        return new AttemptRecord(
                place,
                role,
                why,
                overflow,
                outcomeText,
                observer.inFlight(),
                warm,
                observer.sinceSentNanos(),
                repaired ? outcome.repairReason(byEvent) : Optional.empty());
    }

    // Methods that send the request.

    /** Returns whether the attempt has a stream and has not ended. */
    boolean isOpen() {
        return stream != null && !ended;
    }

    /** Returns the credential that is attached to the request. Before the request is sent: the credential to attach. */
    public AttachedCredential credential() {
        return credential;
    }

    void sendHead(Request request, String client) {
        sent = new UpstreamRequest(request, upstream, stream);
        sent.sendHead(credential, client);
        // On an idle connection the attempt has just started. The clock need not be read again.
        observer.onHeadSent(upstream.inFlight(), starting ? startedNanos : System.nanoTime());
    }

    /** Returns the request for the backend. Call only after {@link #sendHead}. */
    UpstreamRequest sent() {
        return sent;
    }

    boolean isWritable() {
        return stream != null && stream.isWritable();
    }

    void setReading(boolean reading) {
        if (isOpen()) {
            stream.setReading(reading);
        }
    }

    /** See {@link UpstreamStream#awaitsClient}. */
    boolean awaitsClient() {
        return isOpen() && stream.awaitsClient();
    }

    /** Ends the attempt, closes its stream, and releases the held response, if any. */
    void cancel() {
        if (!ended) {
            closeStream();
        }
        releaseHeld();
    }

    private void closeStream() {
        markEnded();
        if (stream != null) {
            stream.cancel();
        }
    }

    // Methods about the time before a response.

    /** Returns whether the attempt may still receive a response, or the body of an error that the next step needs. */
    boolean isWaiting() {
        return !ended && !relaying && (heldHandler == null || awaitsErrorBody());
    }

    /**
     * Returns whether the whole request has been sent but no response received, so that the timeout for the response
     * applies.
     */
    boolean awaitsResponse() {
        return isWaiting() && sent != null && sent.isEnded();
    }

    boolean isConnecting() {
        return !ended && stream == null;
    }

    /** Returns the time since the attempt was created, in nanoseconds. */
    long ageNanos(long nowNanos) {
        return nowNanos - startedNanos;
    }

    void abandon(UpstreamFailure failure) {
        if (!ended) {
            closeStream();
            fail(failure);
        }
    }

    /** @param streamed see {@link AttemptOutcome#of(Kind, boolean, boolean, boolean)} */
    AttemptOutcome outcomeOf(Kind kind, boolean streamed) {
        return AttemptOutcome.of(kind, stream != null && stream.reused(), sent != null && sent.isFlushed(), streamed);
    }

    // Methods about a token stream before its first token.

    /** Passes the response's data to the token stream, which holds it until its commit or failure. */
    void holdStream(UncommittedStream stream) {
        uncommitted = stream;
    }

    /** Keeps the token stream, which has reported an error or was empty, like an error response. */
    void keepStream(AttemptOutcome streamOutcome) {
        heldHandler = new HeldResponseHandler(attempts, this, uncommitted.held(), false, false);
        heldHandler.setDecided();
        uncommitted = null;
        outcome = streamOutcome;
    }

    // Methods about a held error response.

    /**
     * Holds the response instead of sending it to the client, until {@link FailureHandler#onHeldResponse} has decided
     * the next step.
     *
     * @param needsBody whether the head is not enough for the decision
     * @param needsTranslation whether the error may have to be translated before it is sent to the client
     */
    void holdResponse(HeldResponse response, AttemptOutcome heldOutcome, boolean needsBody, boolean needsTranslation) {
        heldHandler = new HeldResponseHandler(attempts, this, response, needsBody, needsTranslation);
        outcome = heldOutcome;
    }

    /** Returns whether the attempt has an error whose next step depends on the rest of the body. */
    boolean awaitsErrorBody() {
        return heldHandler != null && heldHandler.awaitsBody();
    }

    /** Returns whether the {@linkplain #deliverHeld delivery} of an error waits for the rest of its body. */
    boolean awaitsDelivery() {
        return !ended && heldHandler != null && heldHandler.isDelivering();
    }

    /** Returns the time since the last part of the error was received, in nanoseconds. Call only while it is held. */
    long errorSilenceNanos(long nowNanos) {
        return heldHandler.silenceNanos(nowNanos);
    }

    /** Returns the held response; null after it was sent or released. */
    @Nullable
    HeldResponse heldResponse() {
        return heldHandler == null ? null : heldHandler.heldResponse();
    }

    /**
     * Sends the held response to the client. If the response may have to be translated, it is sent only after it is
     * complete.
     *
     * @param exhausted whether a retry by the client would not help
     */
    void deliverHeld(boolean exhausted) {
        heldHandler.startDelivery(exhausted);
    }

    /** Releases the held response or stream, if any. */
    void releaseHeld() {
        if (uncommitted != null) {
            uncommitted.held().release();
            uncommitted = null;
        }
        if (heldHandler != null) {
            heldHandler.heldResponse().release();
            heldHandler = null;
        }
    }

    AttemptOutcome outcome() {
        return outcome;
    }

    /** Sets the outcome after a failure, or after the body of the response has decided an unclear outcome. */
    void setOutcome(AttemptOutcome newOutcome) {
        outcome = newOutcome;
    }

    void setOutcomeText(String text) {
        outcomeText = text;
    }

    // Methods about the response that is sent to the client.

    /** Starts to pass the response's data to the exchange. Before this call the data is held. */
    void startRelaying() {
        relaying = true;
        uncommitted = null;
    }

    private void markEnded() {
        ended = true;
        upstream.onAttemptEnd();
    }

    // Events from the stream.

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
            outcomeText = head.status() == 200 ? "200" : Integer.toString(head.status());
            attempts.onHead(this, head);
        }
    }

    @Override
    public void onBody(ByteBuf data) {
        if (ended) {
            data.release();
        } else if (uncommitted != null) {
            uncommitted.onBody(data);
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
        if (uncommitted != null) {
            uncommitted.onEnd(trailers);
        } else if (heldHandler != null) {
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
        } else if (uncommitted == null) {
            attempts.receiver().onResponseReadComplete();
        }
    }

    @Override
    public Optional<SpliceTarget> spliceTarget() {
        boolean mayPassUnread = !ended && relaying && heldHandler == null && !observer.readsBody();
        return mayPassUnread ? attempts.receiver().spliceTarget() : Optional.empty();
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
            fail(failure);
        }
    }

    private void fail(UpstreamFailure failure) {
        if (heldHandler == null || !heldHandler.onFailure()) {
            attempts.onFailure(this, failure);
        }
    }
}

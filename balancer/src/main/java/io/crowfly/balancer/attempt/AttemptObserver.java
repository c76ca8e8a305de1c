package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.content.response.ClientSecretScanner;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.provider.Telemetry;
import io.crowfly.conf.Backend;
import io.crowfly.probes.Observation;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Observer of one attempt: measures its times, scans its response for tokens, usage and ids, and sends observations
 * about the backend to the forecasts. Records owners of new objects. Does not take ownership of buffers.
 */
public final class AttemptObserver {

    /** If less than this share of a quota is left, the quota is reported. */
    private static final double LOW_QUOTA_SHARE = 0.2;

    private static final String EVENT_STREAM = "text/event-stream";
    private static final String JSON = "application/json";

    private enum AwaitedEvent {
        HEAD,
        /**
         * The first byte of the body. Used instead of the first token for a stream that can't be scanned because it is
         * compressed.
         */
        FIRST_BODY_BYTE,
        FIRST_TOKEN,
        /** No event is awaited, because it was received or will not be received. */
        NONE
    }

    private final Request request;
    private final Backend backend;
    private final Prediction prediction;
    private final Consumer<Observation> observations;
    private final Owners owners;
    private final boolean singleBackend;

    private AwaitedEvent awaitedEvent = AwaitedEvent.HEAD;
    private long headSentNanos;
    private long inFlight;
    private boolean sent;
    private long sentNanos;
    private boolean overdue;
    private long nextOverdueNanos = ProbeTimes.ABSENT;
    private long transitNanos = ProbeTimes.ABSENT;

    /** Null if the response is not scanned. */
    private @Nullable ScannedResponse scanned;

    private boolean tokenSeen;
    private long firstTokenNanos;
    private long sinceSentNanos = ProbeTimes.ABSENT;

    /**
     * @param prediction prediction with the number of our requests in flight when the attempt starts
     * @param owners records the ids and client secrets that the backend's responses contain
     * @param singleBackend whether the conf has only one backend; then no owners are recorded
     */
    AttemptObserver(
            Request request,
            Backend backend,
            Prediction prediction,
            Consumer<Observation> observations,
            Owners owners,
            boolean singleBackend) {
        this.request = request;
        this.backend = backend;
        this.prediction = prediction;
        this.observations = observations;
        this.owners = owners;
        this.singleBackend = singleBackend;
    }

    /**
     * Called when the request's head was passed to the connection.
     *
     * @param requestsInFlight our requests in flight at the backend, this request included
     */
    void onHeadSent(long requestsInFlight, long nowNanos) {
        inFlight = requestsInFlight;
        headSentNanos = nowNanos;
    }

    /** Called when the last byte of the request has been written. */
    void onSent() {
        sent = true;
        sentNanos = System.nanoTime();
    }

    /** Returns the prediction for this attempt, made when it was started. */
    Prediction prediction() {
        return prediction;
    }

    /** Returns the time since the whole request was sent, in nanoseconds; 0 if it is not sent yet. */
    long waitedNanos(long nowNanos) {
        return sent ? nowNanos - sentNanos : 0;
    }

    /**
     * Returns the time after which the attempt is overdue; absent if the prediction is not from live requests, because
     * only these are reliable enough.
     */
    private long overdueNanos() {
        return prediction.basis() == Prediction.Basis.LIVE ? prediction.overdueNanos() : ProbeTimes.ABSENT;
    }

    void onTick(long nowNanos) {
        if (sent && awaitedEvent != AwaitedEvent.NONE) {
            long waited = nowNanos - sentNanos;
            if (nextOverdueNanos == ProbeTimes.ABSENT) {
                nextOverdueNanos = overdueNanos();
            }
            if (nextOverdueNanos != ProbeTimes.ABSENT && waited > nextOverdueNanos) {
                boolean wasOverdue = overdue;
                overdue = true;
                nextOverdueNanos = waited + waited / 2;
                observations.accept(new Observation.Overdue(
                        backend, request.requestClass(), request.bytes(), inFlight, waited, wasOverdue, nowNanos));
            }
        }
    }

    /** Called when the head of the response that is sent to the client was received. */
    void onResponseHead(ResponseHead head) {
        HttpHeaders headers = head.headers();
        if (head.status() < 200 || head.status() > 299) {
            // The first byte of an error comes sooner than that of a good response, so the time is not reported.
            awaitedEvent = AwaitedEvent.NONE;
            return;
        }
        long now = System.nanoTime();
        transitNanos = transitNanos(Telemetry.serverNanos(headers), now);
        Telemetry.Quota quota = Telemetry.lowestQuota(headers);
        if (quota.remainingShare() < LOW_QUOTA_SHARE) {
            observations.accept(new Observation.Quota(
                    backend, request.requestClass(), quota.remainingShare(), quota.resetNanos(), now));
        }
        boolean readable = !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
        boolean isStream = isEventStream(head);
        if (readable && isStream) {
            scanned = ScannedResponse.ofEvents(!headers.contains(HttpHeaderNames.CONTENT_LENGTH));
        } else if (readable && hasContentType(head, JSON) && request.needsResponseInspection()) {
            scanned = request.statePath.returnsSecret()
                    ? ScannedResponse.ofJson(
                            new ClientSecretScanner(secret -> owners.recordSecretOwner(secret, backend.name())))
                    : ScannedResponse.ofJson(null);
        }
        if (!isStream || request.requestClass().api() == Api.OTHER) {
            reportFirstToken(now);
        } else {
            awaitedEvent = readable ? AwaitedEvent.FIRST_TOKEN : AwaitedEvent.FIRST_BODY_BYTE;
        }
        // Only ids in the path are recorded. A backend may ignore ids in the body, so a client could claim any id
        // there.
        if (!singleBackend) {
            recordOwner(request.statePath.ids());
        }
    }

    /**
     * Returns the part of the time until now that the backend does not count as its own; absent without its report. A
     * report of more than the whole time is wrong, but leaves no time for the network all the same. If it were ignored,
     * a network part that was learned from such reports would never be corrected.
     */
    private long transitNanos(long serverNanos, long now) {
        return serverNanos == ProbeTimes.ABSENT ? ProbeTimes.ABSENT : Math.max(0, sinceSent(now) - serverNanos);
    }

    private long sinceSent(long now) {
        return now - (sent ? sentNanos : headSentNanos);
    }

    static boolean isEventStream(ResponseHead head) {
        return hasContentType(head, EVENT_STREAM);
    }

    private static boolean hasContentType(ResponseHead head, String type) {
        return head.headers().get(HttpHeaderNames.CONTENT_TYPE, "").regionMatches(true, 0, type, 0, type.length());
    }

    /**
     * Reports a 429, which parks the (backend, model) pair and does not count as a failure.
     *
     * @return the time until a retry is useful, as the response's headers give it, in nanoseconds; otherwise {@link
     *     ProbeTimes#ABSENT}
     */
    long onThrottled(HttpHeaders headers) {
        awaitedEvent = AwaitedEvent.NONE;
        long retryAfter = Telemetry.retryAfterNanos(headers, System.currentTimeMillis());
        observations.accept(new Observation.Throttled(backend, request.requestClass(), retryAfter, System.nanoTime()));
        return retryAfter;
    }

    void onFailure(Observation.FailureKind kind, String reason) {
        awaitedEvent = AwaitedEvent.NONE;
        long now = System.nanoTime();
        long sinceSentNanos = sent ? now - sentNanos : 0;
        observations.accept(new Observation.Failed(backend, request.requestClass(), kind, reason, sinceSentNanos, now));
    }

    void onBody(ByteBuf data) {
        if (awaitedEvent == AwaitedEvent.FIRST_BODY_BYTE) {
            reportFirstToken(System.nanoTime());
        }
        if (scanned != null) {
            long before = scanned.tokens();
            scanned.scan(data);
            if (scanned.readsEvents()) {
                recordNewIds();
                onEvents(before);
            }
        }
    }

    private void onEvents(long tokensBefore) {
        boolean newTokens = scanned.tokens() > tokensBefore;
        if (newTokens || !tokenSeen && scanned.firstTokenSeen()) {
            long now = System.nanoTime();
            if (newTokens) {
                scanned.onTokens(tokensBefore == 0, now);
            }
            if (!tokenSeen) {
                onFirstToken(now);
            }
        }
    }

    private void onFirstToken(long now) {
        tokenSeen = true;
        if (awaitedEvent == AwaitedEvent.FIRST_TOKEN) {
            reportFirstToken(now);
        } else {
            firstTokenNanos = now;
        }
    }

    /**
     * Records the owner of new ids while the response is still being received, because the client may use the ids
     * before the response has ended.
     */
    private void recordNewIds() {
        if (scanned.hasNewIds() && !singleBackend && request.createsState()) {
            recordOwner(scanned.takeNewIds());
        }
    }

    private void recordOwner(List<String> ids) {
        for (int i = 0; i < ids.size(); i++) {
            owners.recordOwner(ids.get(i), backend.name());
        }
    }

    private void reportFirstToken(long now) {
        awaitedEvent = AwaitedEvent.NONE;
        firstTokenNanos = now;
        sinceSentNanos = sinceSent(now);
        observations.accept(new Observation.FirstToken(
                backend,
                request.requestClass(),
                request.bytes(),
                inFlight,
                sinceSentNanos,
                transitNanos,
                overdueNanos(),
                overdue,
                now));
    }

    /** Called at the end of a token stream, so that an event without its blank line is evaluated. */
    void onStreamEnd() {
        if (readsEvents()) {
            scanned.endEvents();
            if (!tokenSeen && scanned.firstTokenSeen()) {
                onFirstToken(System.nanoTime());
            }
        }
    }

    /** Called when the response is complete. */
    void onEnd() {
        if (scanned == null) {
            return;
        } else if (!scanned.readsEvents()) {
            recordNewIds();
        } else if (request.requestClass().api() != Api.OTHER && scanned.isWholeStream() && scanned.tokens() > 1) {
            observations.accept(new Observation.StreamCompleted(
                    backend,
                    request.requestClass(),
                    scanned.tokens() - 1,
                    scanned.completeStream(),
                    System.nanoTime()));
        }
    }

    /** Returns whether a token stream was complete for HTTP, but without its last event. */
    public boolean isTruncated() {
        return tokenSeen && readsEvents() && scanned.isTruncated();
    }

    /** Returns whether the event that ends the measured response time has not been received but may still be. */
    boolean awaitsFirstToken() {
        return awaitedEvent != AwaitedEvent.NONE;
    }

    /**
     * Returns whether Crowfly may insert a comment now: the response is an event stream of unknown length, and its last
     * event is complete.
     */
    boolean mayInsertEvent() {
        return scanned != null && scanned.mayInsertEvent();
    }

    /** Returns the token usage that the backend reported; empty if none. */
    public Optional<Usage> usage() {
        return scanned == null ? Optional.empty() : scanned.usage();
    }

    /**
     * Returns the time of a stream's first token, in {@link System#nanoTime} time. Call only if {@link #isTokenSeen}.
     */
    public long firstTokenNanos() {
        return firstTokenNanos;
    }

    /**
     * Returns the time in nanoseconds from sending the request to the first token of a stream, or to the head of
     * another response; {@link ProbeTimes#ABSENT} if none was received.
     */
    long sinceSentNanos() {
        return sinceSentNanos;
    }

    /**
     * Returns the mean time between tokens of a completed stream, in nanoseconds; otherwise {@link ProbeTimes#ABSENT}.
     */
    public long tokenNanos() {
        return scanned == null ? ProbeTimes.ABSENT : scanned.tokenNanos();
    }

    /**
     * Returns our number of requests in flight at the backend when this request was sent, this request included; 0
     * before.
     */
    long inFlight() {
        return inFlight;
    }

    public boolean isTokenSeen() {
        return tokenSeen;
    }

    /**
     * Returns whether content was received. In a stream that can't be scanned, every byte counts as content. Call only
     * after a part of the body.
     */
    boolean isContentSeen() {
        return tokenSeen || !readsEvents();
    }

    /** Returns whether the next part of the body is needed: for a token, for usage, for ids, or for its time. */
    boolean readsBody() {
        return scanned != null || awaitedEvent == AwaitedEvent.FIRST_BODY_BYTE;
    }

    /** Returns whether the response is a stream of events that can be scanned. */
    boolean readsEvents() {
        return scanned != null && scanned.readsEvents();
    }

    /** Returns the error that an event has reported before the first token; null if none has. */
    @Nullable
    ReportedError errorBeforeToken() {
        return scanned == null ? null : scanned.errorBeforeToken();
    }
}

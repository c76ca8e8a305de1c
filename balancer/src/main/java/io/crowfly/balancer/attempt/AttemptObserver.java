package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.content.response.ClientSecretScanner;
import io.crowfly.balancer.content.response.EventScanner;
import io.crowfly.balancer.content.response.ResponseScanner;
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

/** Takes the time of one attempt and tells what it teaches about its backend, at most once each. Borrows the buffers. */
public final class AttemptObserver {

    /** What is left of a quota when it begins to be news. */
    private static final double LOW_QUOTA_SHARE = 0.2;

    private static final String EVENT_STREAM = "text/event-stream";
    private static final String JSON = "application/json";

    private enum AwaitedEvent {
        HEAD,
        /** A stream that can't be read, being compressed. */
        FIRST_BODY_BYTE,
        FIRST_TOKEN,
        /** It has come, or won't. */
        NONE
    }

    private final Request request;
    private final Backend backend;
    private final long overdueNanos;
    private final Consumer<Observation> observations;
    private final Owners owners;
    private final boolean singleBackend;

    private AwaitedEvent awaitedEvent = AwaitedEvent.HEAD;
    private long headSentNanos;
    private long inFlight;
    private boolean sent;
    private long sentNanos;
    private boolean overdue;
    private long nextOverdueNanos;
    private long serverNanos = ProbeTimes.ABSENT;
    private @Nullable EventScanner events;
    private @Nullable ResponseScanner json;
    private @Nullable ClientSecretScanner secrets;

    /** Whether the answer's length has not been told. */
    private boolean acceptsInsertedEvents;

    private int recordedIds;
    private boolean tokenSeen;
    private long firstTokenNanos;
    private long sinceSentNanos = ProbeTimes.ABSENT;
    private long tokenNanos = ProbeTimes.ABSENT;
    private long lastTokenNanos;

    /**
     * @param owners to be told what the backend keeps, and what secrets it gives out
     * @param singleBackend whether it is the only one: then nobody will ask what it keeps
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
        // A guess is no measure to find anybody late by.
        overdueNanos = prediction.basis() == Prediction.Basis.LIVE ? prediction.overdueNanos() : ProbeTimes.ABSENT;
        nextOverdueNanos = overdueNanos;
        this.observations = observations;
        this.owners = owners;
        this.singleBackend = singleBackend;
    }

    /** @param requestsInFlight at the backend, this one included */
    void onHeadSent(long requestsInFlight) {
        inFlight = requestsInFlight;
        headSentNanos = System.nanoTime();
    }

    /** The last byte of the request has left. */
    void onSent() {
        sent = true;
        sentNanos = System.nanoTime();
    }

    /** How long the backend has had the whole request; 0 as long as it has not. */
    long waitedNanos(long nowNanos) {
        return sent ? nowNanos - sentNanos : 0;
    }

    void onTick(long nowNanos) {
        if (sent && awaitedEvent != AwaitedEvent.NONE && overdueNanos != ProbeTimes.ABSENT) {
            long waited = nowNanos - sentNanos;
            if (waited > nextOverdueNanos) {
                boolean wasOverdue = overdue;
                overdue = true;
                nextOverdueNanos = waited + waited / 2;
                observations.accept(new Observation.Overdue(
                        backend, request.requestClass(), request.bytes(), inFlight, waited, wasOverdue, nowNanos));
            }
        }
    }

    /** An answer has begun that goes to the client. */
    void onResponseHead(ResponseHead head) {
        HttpHeaders headers = head.headers();
        if (head.status() < 200 || head.status() > 299) {
            // Whatever it says is the client's own business, and is said sooner than an answer would be.
            awaitedEvent = AwaitedEvent.NONE;
            return;
        }
        long now = System.nanoTime();
        serverNanos = Telemetry.serverNanos(headers);
        Telemetry.Quota quota = Telemetry.lowestQuota(headers);
        if (quota.remainingShare() < LOW_QUOTA_SHARE) {
            observations.accept(new Observation.Quota(
                    backend, request.requestClass(), quota.remainingShare(), quota.resetNanos(), now));
        }
        boolean readable = !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
        boolean isStream = hasContentType(head, EVENT_STREAM);
        if (readable && isStream) {
            events = new EventScanner();
            acceptsInsertedEvents = !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        } else if (readable && hasContentType(head, JSON) && request.needsResponseInspection()) {
            json = new ResponseScanner();
            if (request.statePath.returnsSecret()) {
                secrets = new ClientSecretScanner(secret -> owners.recordSecretOwner(secret, backend.name()));
            }
        }
        if (!isStream || request.requestClass().api() == Api.OTHER) {
            reportFirstToken(now);
        } else {
            awaitedEvent = readable ? AwaitedEvent.FIRST_TOKEN : AwaitedEvent.FIRST_BODY_BYTE;
        }
        // By its path only: a backend may pass over what a body refers to, and anybody could claim it so.
        if (!singleBackend) {
            request.statePath.ids().forEach(id -> owners.recordOwner(id, backend.name()));
        }
    }

    private static boolean hasContentType(ResponseHead head, String type) {
        return head.headers().get(HttpHeaderNames.CONTENT_TYPE, "").regionMatches(true, 0, type, 0, type.length());
    }

    /** A 429; it parks the backend and is no strike. @return the backend's hint in nanoseconds, or {@link ProbeTimes#ABSENT} */
    long onThrottled(HttpHeaders headers) {
        awaitedEvent = AwaitedEvent.NONE;
        long retryAfter = Telemetry.retryAfterNanos(headers, System.currentTimeMillis());
        observations.accept(new Observation.Throttled(backend, request.requestClass(), retryAfter, System.nanoTime()));
        return retryAfter;
    }

    void onStrike(Observation.FailureKind strike, String reason) {
        awaitedEvent = AwaitedEvent.NONE;
        observations.accept(new Observation.Failed(backend, request.requestClass(), strike, reason, System.nanoTime()));
    }

    void onBody(ByteBuf data) {
        if (awaitedEvent == AwaitedEvent.FIRST_BODY_BYTE) {
            reportFirstToken(System.nanoTime());
        }
        if (json != null) {
            json.scan(data);
            if (secrets != null) {
                secrets.scan(data);
            }
        } else if (events != null) {
            long before = events.tokens();
            events.scan(data);
            recordOwner(events.ids());
            if (events.tokens() > before) {
                lastTokenNanos = System.nanoTime();
                if (!tokenSeen) {
                    tokenSeen = true;
                    onFirstToken();
                }
            }
        }
    }

    private void onFirstToken() {
        if (awaitedEvent == AwaitedEvent.FIRST_TOKEN) {
            reportFirstToken(lastTokenNanos);
        } else {
            firstTokenNanos = lastTokenNanos;
        }
    }

    /** While the answer passes: its client may go on from it before it has ended. */
    private void recordOwner(List<String> ids) {
        if (ids.size() > recordedIds && !singleBackend && request.createsState()) {
            ids.subList(recordedIds, ids.size()).forEach(id -> owners.recordOwner(id, backend.name()));
            recordedIds = ids.size();
        }
    }

    private void reportFirstToken(long now) {
        awaitedEvent = AwaitedEvent.NONE;
        firstTokenNanos = now;
        sinceSentNanos = now - (sent ? sentNanos : headSentNanos);
        observations.accept(new Observation.FirstToken(
                backend,
                request.requestClass(),
                request.bytes(),
                inFlight,
                sinceSentNanos,
                serverNanos,
                overdueNanos,
                overdue,
                now));
    }

    /** The answer is whole. */
    void onEnd() {
        if (json != null) {
            recordOwner(json.ids());
        }
        if (events == null || request.requestClass().api() == Api.OTHER) {
            return;
        }
        if (events.errorEvent() && !tokenSeen) {
            onStrike(Observation.FailureKind.ERROR, "an error in place of the first token");
        } else if (!events.errorEvent() && events.done() && events.tokens() > 1) {
            long nanos = lastTokenNanos - firstTokenNanos;
            tokenNanos = nanos / (events.tokens() - 1);
            observations.accept(new Observation.StreamCompleted(
                    backend, request.requestClass(), events.tokens() - 1, nanos, System.nanoTime()));
        }
    }

    /** Whether the answer, which has ended in due form, was a token stream that lacks its end. */
    public boolean isTruncated() {
        return events != null && tokenSeen && !events.done() && !events.errorEvent();
    }

    /** Whether the sign that its time is taken by may still come. */
    boolean awaitsFirstToken() {
        return awaitedEvent != AwaitedEvent.NONE;
    }

    /** Whether the answer is a stream of events of which only whole ones have passed. */
    boolean mayInsertEvent() {
        return events != null && acceptsInsertedEvents && events.atEventBoundary();
    }

    /** What the backend says that the answer has cost; empty where it has not said so. */
    public Optional<Usage> usage() {
        return json != null ? json.usage() : events != null ? events.usage() : Optional.empty();
    }

    /** When the first token of a stream came, on {@link System#nanoTime}'s clock; meaningful with {@link #isTokenSeen} only. */
    public long firstTokenNanos() {
        return firstTokenNanos;
    }

    /** From the request's sending to the answer's first token, or first byte; {@link ProbeTimes#ABSENT} where none came. */
    long sinceSentNanos() {
        return sinceSentNanos;
    }

    /** The mean time between the tokens of a stream that has ended well; {@link ProbeTimes#ABSENT} for any other answer. */
    public long tokenNanos() {
        return tokenNanos;
    }

    /** Our own requests at the backend when it was sent, itself included; 0 before. */
    long inFlight() {
        return inFlight;
    }

    public boolean isTokenSeen() {
        return tokenSeen;
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Homes;
import io.crowfly.balancer.content.AnswerScanner;
import io.crowfly.balancer.content.EventScanner;
import io.crowfly.balancer.content.SecretScanner;
import io.crowfly.balancer.content.Usage;
import io.crowfly.balancer.provider.Telemetry;
import io.crowfly.conf.Backend;
import io.crowfly.probes.Api;
import io.crowfly.probes.Observation;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes the time of one attempt and tells what it teaches about its backend, at most once each. Borrows the buffers. */
final class AttemptWatch {

    /** What is left of a quota when it begins to be news. */
    private static final double LITTLE_LEFT = 0.2;

    private static final String EVENT_STREAM = "text/event-stream";
    private static final String JSON = "application/json";

    private enum AwaitedSign {
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
    private final Homes homes;
    private final boolean alone;

    private AwaitedSign awaited = AwaitedSign.HEAD;
    private long headSentNanos;
    private long inFlight;
    private boolean sent;
    private long sentNanos;
    private boolean overdue;
    private long nextOverdueNanos;
    private long serverNanos = ProbeTimes.ABSENT;
    private @Nullable EventScanner events;
    private @Nullable AnswerScanner json;
    private @Nullable SecretScanner secrets;

    /** Whether the answer's length has not been told. */
    private boolean insertable;

    private int learned;
    private boolean tokenSeen;
    private long firstTokenNanos;
    private long sinceSentNanos = ProbeTimes.ABSENT;
    private long tokenNanos = ProbeTimes.ABSENT;
    private long lastTokenNanos;

    /**
     * @param homes to be told what the backend keeps, and what secrets it gives out
     * @param alone whether it is the only one: then nobody will ask what it keeps
     */
    AttemptWatch(
            Request request,
            Backend backend,
            Prediction prediction,
            Consumer<Observation> observations,
            Homes homes,
            boolean alone) {
        this.request = request;
        this.backend = backend;
        // A guess is no measure to find anybody late by.
        overdueNanos = prediction.basis() == Prediction.Basis.LIVE ? prediction.overdueNanos() : ProbeTimes.ABSENT;
        nextOverdueNanos = overdueNanos;
        this.observations = observations;
        this.homes = homes;
        this.alone = alone;
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
        if (sent && awaited != AwaitedSign.NONE && overdueNanos != ProbeTimes.ABSENT) {
            long waited = nowNanos - sentNanos;
            if (waited > nextOverdueNanos) {
                boolean again = overdue;
                overdue = true;
                nextOverdueNanos = waited + waited / 2;
                observations.accept(new Observation.Overdue(
                        backend, request.requestClass(), request.bytes(), inFlight, waited, again, nowNanos));
            }
        }
    }

    /** An answer has begun that goes to the client. */
    void onAnswer(ResponseHead head) {
        HttpHeaders headers = head.headers();
        if (head.status() < 200 || head.status() > 299) {
            // Whatever it says is the client's own business, and is said sooner than an answer would be.
            awaited = AwaitedSign.NONE;
            return;
        }
        long now = System.nanoTime();
        serverNanos = Telemetry.serverNanos(headers);
        Telemetry.Quota quota = Telemetry.quota(headers);
        if (quota.left() < LITTLE_LEFT) {
            observations.accept(
                    new Observation.Quota(backend, request.requestClass(), quota.left(), quota.resetNanos(), now));
        }
        boolean readable = !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
        boolean stream = isOf(head, EVENT_STREAM);
        if (readable && stream) {
            events = new EventScanner();
            insertable = !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        } else if (readable && isOf(head, JSON) && request.answerTellsSomething()) {
            json = new AnswerScanner();
            if (request.statePath.givesSecret()) {
                secrets = new SecretScanner(secret -> homes.learnSecret(secret, backend.name()));
            }
        }
        if (!stream || request.requestClass().api() == Api.OTHER) {
            onSign(now);
        } else {
            awaited = readable ? AwaitedSign.FIRST_TOKEN : AwaitedSign.FIRST_BODY_BYTE;
        }
        // By its path only: a backend may pass over what a body refers to, and anybody could claim it so.
        if (!alone) {
            request.statePath.ids().forEach(id -> homes.learn(id, backend.name()));
        }
    }

    private static boolean isOf(ResponseHead head, String type) {
        return head.headers().get(HttpHeaderNames.CONTENT_TYPE, "").regionMatches(true, 0, type, 0, type.length());
    }

    /** A 429; it parks the backend and is no strike. @return the backend's hint in nanoseconds, or {@link ProbeTimes#ABSENT} */
    long onThrottled(HttpHeaders headers) {
        awaited = AwaitedSign.NONE;
        long retryAfter = Telemetry.retryAfterNanos(headers, System.currentTimeMillis());
        observations.accept(new Observation.Throttled(backend, request.requestClass(), retryAfter, System.nanoTime()));
        return retryAfter;
    }

    void onStrike(Observation.Strike strike, String reason) {
        awaited = AwaitedSign.NONE;
        observations.accept(new Observation.Failed(backend, request.requestClass(), strike, reason, System.nanoTime()));
    }

    void onBody(ByteBuf data) {
        if (awaited == AwaitedSign.FIRST_BODY_BYTE) {
            onSign(System.nanoTime());
        }
        if (json != null) {
            json.scan(data);
            if (secrets != null) {
                secrets.scan(data);
            }
        } else if (events != null) {
            long before = events.tokens();
            events.scan(data);
            learn(events.ids());
            if (events.tokens() > before) {
                lastTokenNanos = System.nanoTime();
                if (!tokenSeen) {
                    tokenSeen = true;
                    firstToken();
                }
            }
        }
    }

    private void firstToken() {
        if (awaited == AwaitedSign.FIRST_TOKEN) {
            onSign(lastTokenNanos);
        } else {
            firstTokenNanos = lastTokenNanos;
        }
    }

    /** While the answer passes: its client may go on from it before it has ended. */
    private void learn(List<String> ids) {
        if (ids.size() > learned && !alone && request.asksForKept()) {
            ids.subList(learned, ids.size()).forEach(id -> homes.learn(id, backend.name()));
            learned = ids.size();
        }
    }

    private void onSign(long now) {
        awaited = AwaitedSign.NONE;
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
            learn(json.ids());
        }
        if (events == null || request.requestClass().api() == Api.OTHER) {
            return;
        }
        if (events.errorEvent() && !tokenSeen) {
            onStrike(Observation.Strike.FAILED, "an error in place of the first token");
        } else if (!events.errorEvent() && events.done() && events.tokens() > 1) {
            long nanos = lastTokenNanos - firstTokenNanos;
            tokenNanos = nanos / (events.tokens() - 1);
            observations.accept(new Observation.Streamed(
                    backend, request.requestClass(), events.tokens() - 1, nanos, System.nanoTime()));
        }
    }

    /** Whether the answer, which has ended in due form, was a token stream that lacks its end. */
    boolean isTruncated() {
        return events != null && tokenSeen && !events.done() && !events.errorEvent();
    }

    /** Whether the sign that its time is taken by may still come. */
    boolean awaitsSign() {
        return awaited != AwaitedSign.NONE;
    }

    /** Whether the answer is a stream of events of which only whole ones have passed. */
    boolean mayInsertEvent() {
        return events != null && insertable && events.atEventBoundary();
    }

    /** What the backend says that the answer has cost; empty where it has not said so. */
    Optional<Usage> usage() {
        return json != null ? json.usage() : events != null ? events.usage() : Optional.empty();
    }

    /** When the first token of a stream came, on {@link System#nanoTime}'s clock; meaningful with {@link #isTokenSeen} only. */
    long firstTokenNanos() {
        return firstTokenNanos;
    }

    /** From the request's sending to the answer's first token, or first byte; {@link ProbeTimes#ABSENT} where none came. */
    long sinceSentNanos() {
        return sinceSentNanos;
    }

    /** The mean time between the tokens of a stream that has ended well; {@link ProbeTimes#ABSENT} for any other answer. */
    long tokenNanos() {
        return tokenNanos;
    }

    /** Our own requests at the backend when it was sent, itself included; 0 before. */
    long inFlight() {
        return inFlight;
    }

    boolean isTokenSeen() {
        return tokenSeen;
    }
}

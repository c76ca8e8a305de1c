package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;

/**
 * What a live request taught about one backend. Times are in nanoseconds; {@code atNanos} is when it came to be known, on
 * the {@link Scheduler}.
 *
 * <p>What says nothing about the backend is not observed: a client that left, a 400, 413 or 422, a content filter's refusal.
 */
public sealed interface Observation {

    Backend backend();

    RequestClass requestClass();

    long atNanos();

    /**
     * The first token has come, or the first byte where the answer is no stream of tokens.
     *
     * @param requestBytes of the request's body: what stands for the size of the prompt
     * @param inFlight our own requests at the backend when it was sent, itself included
     * @param sinceSentNanos from the moment the request was on its way over an open connection; connecting is not in it
     * @param serverNanos of it what the backend says it spent itself; {@link ProbeTimes#ABSENT} if it does not say
     * @param overdueNanos after how long it would have been overdue: {@link Prediction#overdueNanos}, as known when it was
     *     sent; {@link ProbeTimes#ABSENT} if nothing was
     * @param wasOverdue whether an {@link Overdue} came before it
     */
    record FirstToken(
            Backend backend,
            RequestClass requestClass,
            long requestBytes,
            long inFlight,
            long sinceSentNanos,
            long serverNanos,
            long overdueNanos,
            boolean wasOverdue,
            long atNanos)
            implements Observation {}

    /**
     * The first token has not come within {@link Prediction#overdueNanos}, nor, again, in half as long again each time: so
     * that a backend that has become slow is noticed, and how slow, before its slow answers are in.
     *
     * @param repeated whether it has been told of the same attempt before
     */
    record Overdue(
            Backend backend,
            RequestClass requestClass,
            long requestBytes,
            long inFlight,
            long waitedNanos,
            boolean repeated,
            long atNanos)
            implements Observation {}

    /**
     * A stream has ended well.
     *
     * @param tokens events that carried content, the first one not counted; at least 1
     * @param nanos from the first of them to the last
     */
    record StreamCompleted(Backend backend, RequestClass requestClass, long tokens, long nanos, long atNanos)
            implements Observation {}

    /** @param reason for operators, in a few words, without anything of the request */
    record Failed(Backend backend, RequestClass requestClass, FailureKind kind, String reason, long atNanos)
            implements Observation {}

    /**
     * A 429: not to be asked for this model until then.
     *
     * @param retryAfterNanos the backend's hint, as it came; {@link ProbeTimes#ABSENT} without one
     */
    record Throttled(Backend backend, RequestClass requestClass, long retryAfterNanos, long atNanos)
            implements Observation {}

    /**
     * What the backend says is left of a quota, of requests or of tokens, whichever is nearer its end.
     *
     * @param left share of the limit, from 0 to 1
     * @param resetNanos until the quota is whole again; {@link ProbeTimes#ABSENT} if it does not say
     */
    record Quota(Backend backend, RequestClass requestClass, double left, long resetNanos, long atNanos)
            implements Observation {}

    /** How an attempt went wrong, by what that says about the backend. */
    enum FailureKind {
        /** No connection: refused, unresolved, timed out, or no TLS. Whatever comes next would fare the same. */
        UNREACHABLE,
        /** 408, 409, 5xx, or an end before the first byte of an answer. */
        ERROR,
        /** No first byte within the adaptive limit. */
        TIMED_OUT,
        /** Broke off after the answer had begun. */
        INTERRUPTED,
        /** 401: our credential is not taken, which time doesn't mend. */
        UNAUTHORIZED,
        /** 403: it is, but has no right to this, which may be one deployment or one operation. That model only. */
        FORBIDDEN,
        /** 404 for a model that the conf says is there: that deployment only. */
        NO_DEPLOYMENT
    }
}

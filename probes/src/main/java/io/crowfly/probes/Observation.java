package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;

/**
 * Event of a live request that says something about its backend, sent from the event loops to {@link Probes}. Times are
 * in nanoseconds; {@code atNanos} is the time of the event in {@link Scheduler#nanoTime} time.
 *
 * <p>Outcomes that say nothing about the backend are not reported: a closed client connection, a 400, 413 or 422, a
 * content filter's rejection.
 */
public sealed interface Observation {

    Backend backend();

    RequestClass requestClass();

    long atNanos();

    /**
     * The first token was received, or the first byte if the response is not a stream of tokens.
     *
     * @param requestBytes size of the request's body, which stands for the size of the prompt
     * @param inFlight our requests in flight at the backend when the request was sent, this request included
     * @param sinceSentNanos time since the request was sent over an open connection; without the time to connect
     * @param transitNanos time from sending the request to the head of the response, minus the time that the backend
     *     reports as its own processing time; {@link ProbeTimes#ABSENT} without a report
     * @param overdueNanos {@link Prediction#overdueNanos} when the request was sent; {@link ProbeTimes#ABSENT} without
     *     a prediction
     * @param wasOverdue whether an {@link Overdue} of this attempt was reported before
     */
    record FirstToken(
            Backend backend,
            RequestClass requestClass,
            long requestBytes,
            long inFlight,
            long sinceSentNanos,
            long transitNanos,
            long overdueNanos,
            boolean wasOverdue,
            long atNanos)
            implements Observation {}

    /**
     * No first token was received within {@link Prediction#overdueNanos}. Reported again each time the wait has grown
     * by half, so that a slowdown and its extent are known before the slow responses arrive.
     *
     * @param requestBytes size of the request's body
     * @param inFlight our requests in flight at the backend when the request was sent, this request included
     * @param waitedNanos time since the request was sent
     * @param repeated whether this attempt was reported as overdue before
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
     * A stream of tokens was completed.
     *
     * @param tokens number of events with content after the first; at least 1
     * @param nanos time from the first event with content to the last
     */
    record StreamCompleted(Backend backend, RequestClass requestClass, long tokens, long nanos, long atNanos)
            implements Observation {}

    /**
     * An attempt failed.
     *
     * @param reason for operators, in a few words, without any content of the request
     * @param sinceSentNanos time since the request was sent; 0 if it was not
     */
    record Failed(
            Backend backend,
            RequestClass requestClass,
            FailureKind kind,
            String reason,
            long sinceSentNanos,
            long atNanos)
            implements Observation {}

    /**
     * A response with status 429 was received, so the model is parked at this backend.
     *
     * @param retryAfterNanos time that the response names, without an upper limit; {@link ProbeTimes#ABSENT} if it
     *     names none
     */
    record Throttled(Backend backend, RequestClass requestClass, long retryAfterNanos, long atNanos)
            implements Observation {}

    /**
     * The backend reported its remaining quota, of requests or of tokens, whichever is smaller.
     *
     * @param left remaining share of the quota, from 0 to 1
     * @param resetNanos time until the quota is full again; {@link ProbeTimes#ABSENT} if not reported
     */
    record Quota(Backend backend, RequestClass requestClass, double left, long resetNanos, long atNanos)
            implements Observation {}

    /** Kind of a failed attempt, by the consequence for the backend. */
    enum FailureKind {
        /**
         * No connection: refused, not resolved, timed out, or TLS failed. Further requests would fail in the same way,
         * so the backend is ejected at once.
         */
        UNREACHABLE,
        /** Status 408, 409 or 5xx, or a connection that was closed before the first byte of a response. */
        ERROR,
        /** No first byte was received within the adaptive timeout, which the forecast determines. */
        TIMED_OUT,
        /** The response was interrupted after its first byte. */
        INTERRUPTED,
        /** Status 401: the backend rejects Crowfly's credential. Waiting does not repair that. */
        UNAUTHORIZED,
        /**
         * Status 403: the credential is valid but lacks a permission, perhaps for one deployment or operation. Only
         * this model is parked.
         */
        FORBIDDEN,
        /** Status 404 for a model that the conf lists. Only this model is parked. */
        NO_DEPLOYMENT
    }
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;

/**
 * Observation of one backend by a live request. Times are in nanoseconds; {@code atNanos} is the time of the
 * observation in {@link Scheduler#nanoTime} time.
 *
 * <p>Outcomes that say nothing about the backend are not observed: a closed client connection, a 400, 413 or 422, a
 * content filter's rejection.
 */
public sealed interface Observation {

    Backend backend();

    RequestClass requestClass();

    long atNanos();

    /**
     * First token received, or first byte if the response is not a stream of tokens.
     *
     * @param requestBytes size of the request's body, which stands for the size of the prompt
     * @param inFlight our requests in flight at the backend when the request was sent, itself included
     * @param sinceSentNanos time since the request was sent over an open connection; without the time to connect
     * @param serverNanos the part of that time which the backend reports as its own; {@link ProbeTimes#ABSENT} without
     *     a report
     * @param overdueNanos {@link Prediction#overdueNanos} at the time of sending; {@link ProbeTimes#ABSENT} without a
     *     prediction
     * @param wasOverdue whether an {@link Overdue} of this attempt came before
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
     * No first token within {@link Prediction#overdueNanos}. Repeated each time the wait has grown by half, so that a
     * slow backend, and how slow it is, is noticed before its slow responses arrive.
     *
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
     * Stream of tokens completed.
     *
     * @param tokens number of events with content after the first; at least 1
     * @param nanos time from the first event with content to the last
     */
    record StreamCompleted(Backend backend, RequestClass requestClass, long tokens, long nanos, long atNanos)
            implements Observation {}

    /**
     * Attempt failed.
     *
     * @param reason for operators, in a few words, without any content of the request
     */
    record Failed(Backend backend, RequestClass requestClass, FailureKind kind, String reason, long atNanos)
            implements Observation {}

    /**
     * Status 429 received: the model is parked at this backend.
     *
     * @param retryAfterNanos the backend's hint, unclamped; {@link ProbeTimes#ABSENT} without one
     */
    record Throttled(Backend backend, RequestClass requestClass, long retryAfterNanos, long atNanos)
            implements Observation {}

    /**
     * Remaining quota reported by the backend: of requests or of tokens, whichever is nearer its end.
     *
     * @param left share of the limit, from 0 to 1
     * @param resetNanos time until the quota is full again; {@link ProbeTimes#ABSENT} if not reported
     */
    record Quota(Backend backend, RequestClass requestClass, double left, long resetNanos, long atNanos)
            implements Observation {}

    /** Kind of a failed attempt, by what it says about the backend. */
    enum FailureKind {
        /**
         * No connection: refused, not resolved, timed out, or TLS failed. Further requests would fail in the same way.
         */
        UNREACHABLE,
        /** 408, 409, 5xx, or a connection that ended before the first byte of a response. */
        ERROR,
        /** No first byte within the adaptive timeout. */
        TIMED_OUT,
        /** The response ended early after its first byte. */
        INTERRUPTED,
        /** 401: our credential is rejected; waiting does not repair that. */
        UNAUTHORIZED,
        /**
         * 403: the credential is valid but lacks a permission, perhaps for one deployment or operation. Concerns this
         * model only.
         */
        FORBIDDEN,
        /** 404 for a model that the conf lists. Concerns this deployment only. */
        NO_DEPLOYMENT
    }
}

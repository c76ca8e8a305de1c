package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;

/** Factory of observations of one class, at the present time of a scheduler. */
record ObservationFactory(Scheduler scheduler, RequestClass requestClass) {

    static final long AMONG_OTHERS = 10;

    static final long BYTES = 2048;

    Observation firstToken(Backend backend, long millis) {
        return firstToken(backend, millis, ProbeTimes.ABSENT);
    }

    Observation firstToken(Backend backend, long millis, long serverMillis) {
        return new Observation.FirstToken(
                backend,
                requestClass,
                BYTES,
                1,
                nanos(millis),
                serverMillis == ProbeTimes.ABSENT ? ProbeTimes.ABSENT : nanos(millis - serverMillis),
                ProbeTimes.ABSENT,
                false,
                scheduler.nanoTime());
    }

    /** A response with other requests in flight, so that its latency counts only when the request would be overdue. */
    Observation firstTokenAmongOthers(Backend backend, long millis, long overdueMillis) {
        return new Observation.FirstToken(
                backend,
                requestClass,
                BYTES,
                AMONG_OTHERS,
                nanos(millis),
                ProbeTimes.ABSENT,
                nanos(overdueMillis),
                false,
                scheduler.nanoTime());
    }

    Observation overdue(Backend backend, long millis) {
        return new Observation.Overdue(backend, requestClass, BYTES, 1, nanos(millis), false, scheduler.nanoTime());
    }

    Observation streamCompleted(Backend backend, long tokens, long millis) {
        return new Observation.StreamCompleted(backend, requestClass, tokens, nanos(millis), scheduler.nanoTime());
    }

    Observation failed(Backend backend, FailureKind kind) {
        return failedAfter(backend, kind, 0);
    }

    Observation failedAfter(Backend backend, FailureKind kind, long millisSinceSent) {
        return new Observation.Failed(backend, requestClass, kind, "why", nanos(millisSinceSent), scheduler.nanoTime());
    }

    Observation throttled(Backend backend, long retryAfterNanos) {
        return new Observation.Throttled(backend, requestClass, retryAfterNanos, scheduler.nanoTime());
    }

    Observation quota(Backend backend, double left, long resetNanos) {
        return new Observation.Quota(backend, requestClass, left, resetNanos, scheduler.nanoTime());
    }

    private static long nanos(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}

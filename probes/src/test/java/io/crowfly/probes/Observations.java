package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Observation.Strike;
import java.time.Duration;

/** What live requests of one class may find, at the moment of a timeline. */
record Observations(Timeline timeline, RequestClass requestClass) {

    static final long AMONG_OTHERS = 10;

    static final long BYTES = 2048;

    Observation answer(Backend backend, long millis) {
        return answer(backend, millis, ProbeTimes.ABSENT);
    }

    Observation answer(Backend backend, long millis, long serverMillis) {
        return new Observation.FirstToken(
                backend,
                requestClass,
                BYTES,
                1,
                nanos(millis),
                serverMillis == ProbeTimes.ABSENT ? ProbeTimes.ABSENT : nanos(serverMillis),
                ProbeTimes.ABSENT,
                false,
                timeline.nanoTime());
    }

    /** One of several that are out, so that it has to wait, until it would be overdue, for the slow ones. */
    Observation answerBefore(Backend backend, long millis, long overdueMillis) {
        return new Observation.FirstToken(
                backend,
                requestClass,
                BYTES,
                AMONG_OTHERS,
                nanos(millis),
                ProbeTimes.ABSENT,
                nanos(overdueMillis),
                false,
                timeline.nanoTime());
    }

    Observation overdue(Backend backend, long millis) {
        return new Observation.Overdue(backend, requestClass, BYTES, 1, nanos(millis), false, timeline.nanoTime());
    }

    Observation streamed(Backend backend, long tokens, long millis) {
        return new Observation.Streamed(backend, requestClass, tokens, nanos(millis), timeline.nanoTime());
    }

    Observation failed(Backend backend, Strike strike) {
        return new Observation.Failed(backend, requestClass, strike, "why", timeline.nanoTime());
    }

    Observation throttled(Backend backend, long retryAfterNanos) {
        return new Observation.Throttled(backend, requestClass, retryAfterNanos, timeline.nanoTime());
    }

    Observation quota(Backend backend, double left, long resetNanos) {
        return new Observation.Quota(backend, requestClass, left, resetNanos, timeline.nanoTime());
    }

    private static long nanos(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}

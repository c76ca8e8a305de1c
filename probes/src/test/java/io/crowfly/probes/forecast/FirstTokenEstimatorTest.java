package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What unanswered requests of one class teach about the load that their backend can take. */
class FirstTokenEstimatorTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long BYTES = 2048;
    private static final long ORDINARY_NANOS = SECOND / 10;
    private static final long OVERDUE_NANOS = SECOND / 4;
    private static final int IN_FLIGHT = 40;

    private final LoadCurveFilter curve = new LoadCurveFilter();
    private final FirstTokenEstimator estimator = new FirstTokenEstimator(
            new RequestClasses(evicted -> {}).getOrCreate(new RequestClass(Api.CHAT_COMPLETIONS, "gpt", true)), curve);
    private long now;

    private void respond(int times) {
        for (int i = 0; i < times; i++) {
            now += SECOND / 50;
            estimator.recordResponse(now);
            estimator.recordLatency(ORDINARY_NANOS, 0, BYTES, IN_FLIGHT, now);
        }
    }

    private void beOverdue(int times) {
        now += OVERDUE_NANOS;
        for (int i = 0; i < times; i++) {
            estimator.recordOverdue(OVERDUE_NANOS, 0, BYTES, IN_FLIGHT, now);
        }
    }

    @Test
    void overdueRequestsLowerTheKnownLoad() {
        respond(500);
        double known = curve.knownInFlight();
        beOverdue(1);
        assertThat(estimator.hasSlowedSince(now - OVERDUE_NANOS)).isFalse();
        assertThat(curve.knownInFlight()).isLessThan(known);
    }

    @Test
    void overdueRequestsOfASlowModelThatRespondsLowerTheKnownLoad() {
        respond(500);
        double known = curve.knownInFlight();
        for (int i = 0; i < 100; i++) {
            beOverdue(1);
            estimator.recordResponse(now);
        }
        assertThat(curve.knownInFlight()).isLessThan(known * 0.2);
    }

    @Test
    void requestsOfAFrozenModelDoNotLowerTheKnownLoadOnceItsLevelHasJumped() {
        respond(500);
        double known = curve.knownInFlight();
        beOverdue(100);
        assertThat(estimator.hasSlowedSince(now - OVERDUE_NANOS)).isTrue();
        assertThat(curve.knownInFlight()).isGreaterThan(known * 0.7);
    }
}

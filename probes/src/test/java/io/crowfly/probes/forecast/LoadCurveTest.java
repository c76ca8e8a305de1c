package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LoadCurveTest {

    private static final long SECOND = 1_000_000_000L;

    private final LoadCurve loadCurve = new LoadCurve();
    private long now = SECOND;

    private void send(int seconds, long inFlight) {
        for (int i = 0; i < seconds * 20; i++) {
            now += SECOND / 20;
            loadCurve.recordSent(inFlight, now);
        }
    }

    @Test
    void kneeIsSmallAtFirst() {
        assertThat(loadCurve.kneeInFlight()).isEqualTo(LoadCurve.MIN_KNEE);
        loadCurve.recordSent(1000, now);
        assertThat(loadCurve.kneeInFlight()).isEqualTo(LoadCurve.MIN_KNEE);
    }

    @Test
    void kneeIsSomewhatAboveTheUsualNumberInFlight() {
        send(60, 100);
        assertThat(loadCurve.kneeInFlight()).isCloseTo(150, within(1.0));
    }

    @Test
    void kneeIsNotRaisedByAShortBurst() {
        send(60, 10);
        for (int i = 0; i < 5; i++) {
            loadCurve.recordSent(200, now);
        }
        assertThat(loadCurve.kneeInFlight()).isCloseTo(15, within(1.0));
    }

    @Test
    void kneeIsKeptThroughAMinuteOfLowLoad() {
        send(60, 100);
        send(60, 1);
        assertThat(loadCurve.kneeInFlight()).isBetween(120.0, 150.0);
    }

    @Test
    void kneeFallsToTheMinimumAfterHours() {
        send(60, 100);
        now += 10 * 3600 * SECOND;
        loadCurve.recordSent(1, now);
        assertThat(loadCurve.kneeInFlight()).isEqualTo(LoadCurve.MIN_KNEE);
    }
}

package io.crowfly.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Latencies by second. */
class LatencyTimelineTest {

    private static final long START = -5;

    private final LatencyTimeline timeline = new LatencyTimeline(START);

    private void record(double second, long millis) {
        timeline.record(START + (long) (second * 1e9), TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void aSpanHasTheRequestsThatEndedInItsSeconds() {
        for (int i = 0; i < 100; i++) {
            record(1.5, i == 50 ? 400 : 10);
            record(3.5, 100);
        }
        LatencyTimeline.Span first = timeline.span(0, 3);
        assertThat(first.requests()).isEqualTo(100);
        assertThat(first.perSecond()).isBetween(33.3, 33.4);
        assertThat(first.medianMillis()).isBetween(10.0, 10.1);
        assertThat(first.p99Millis()).isBetween(10.0, 10.1);
        assertThat(timeline.span(0, 10).p99Millis()).isBetween(100.0, 101.0);
        assertThat(timeline.span(3, 4).medianMillis()).isBetween(100.0, 101.0);
    }

    @Test
    void aSpanWithoutRequestsIsEmpty() {
        record(2.5, 1);
        assertThat(timeline.span(0, 2)).isEqualTo(new LatencyTimeline.Span(0, 0, 0, 0));
        assertThat(timeline.span(5, 9).requests()).isZero();
    }

    @Test
    void aVeryLateResponseCountsAsTwoMinutes() {
        record(0.5, TimeUnit.HOURS.toMillis(1));
        assertThat(timeline.span(0, 1).p99Millis()).isBetween(120_000.0, 121_500.0);
    }
}

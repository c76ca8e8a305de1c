package io.crowfly.bench.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Latencies of requests by the second in which their responses ended. Confined to one thread. */
final class LatencyTimeline {

    private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(2);
    private static final int SIGNIFICANT_DIGITS = 2;

    private final long startNanos;
    private final List<Histogram> seconds = new ArrayList<>();

    /** @param startNanos {@link System#nanoTime} at which the first second begins */
    LatencyTimeline(long startNanos) {
        this.startNanos = startNanos;
    }

    void record(long nowNanos, long latencyNanos) {
        int second = second(nowNanos);
        while (seconds.size() <= second) {
            seconds.add(new Histogram(MAX_MICROS, SIGNIFICANT_DIGITS));
        }
        seconds.get(second).recordValue(Math.min(MAX_MICROS, TimeUnit.NANOSECONDS.toMicros(Math.max(0, latencyNanos))));
    }

    /** Returns the number of the second that this moment belongs to, from 0. */
    int second(long nowNanos) {
        return (int) TimeUnit.NANOSECONDS.toSeconds(Math.max(0, nowNanos - startNanos));
    }

    /** Returns the figures of a span of seconds; {@code to} does not belong to the span. */
    Span span(int from, int to) {
        Histogram sum = new Histogram(MAX_MICROS, SIGNIFICANT_DIGITS);
        seconds.subList(Math.min(from, seconds.size()), Math.min(to, seconds.size()))
                .forEach(sum::add);
        return new Span(
                sum.getTotalCount(),
                sum.getTotalCount() / (double) Math.max(1, to - from),
                sum.getValueAtPercentile(50) / 1000.0,
                sum.getValueAtPercentile(99) / 1000.0);
    }

    /** The figures of a span of seconds. Latencies are 0 if there was no request. */
    record Span(long requests, double perSecond, double medianMillis, double p99Millis) {}
}

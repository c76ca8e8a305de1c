package io.crowfly.bench.demo;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Statistics of the demo's traffic: responses and latencies by backend. Safe for use by several threads. */
final class TrafficStatistics {

    private static final int DIGITS = 3;

    private final Map<String, ConcurrentHistogram> nanos = new ConcurrentHashMap<>();
    private final LongAdder failures = new LongAdder();

    void recordResponse(String backend, long latencyNanos) {
        nanos.computeIfAbsent(backend, name -> new ConcurrentHistogram(DIGITS)).recordValue(latencyNanos);
    }

    void recordFailure() {
        failures.increment();
    }

    Set<String> backends() {
        return new TreeSet<>(nanos.keySet());
    }

    long failures() {
        return failures.sum();
    }

    long requests(String backend) {
        Histogram histogram = nanos.get(backend);
        return histogram == null ? 0 : histogram.getTotalCount();
    }

    long requests() {
        return nanos.values().stream().mapToLong(Histogram::getTotalCount).sum();
    }

    /** Returns the share of the responses that came from this backend, from 0 to 1; 0 if there were none. */
    double share(String backend) {
        long all = requests();
        return all == 0 ? 0 : (double) requests(backend) / all;
    }

    /** Adds the latencies of one backend to a histogram. */
    void addTo(Histogram sum, String backend) {
        Histogram histogram = nanos.get(backend);
        if (histogram != null) {
            sum.add(histogram);
        }
    }
}

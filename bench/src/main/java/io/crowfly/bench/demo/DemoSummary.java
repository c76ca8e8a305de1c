package io.crowfly.bench.demo;

import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Result of the demo: the traffic before and after a backend was slowed.
 *
 * @param backends names of the backends, in the order of the table
 * @param slowed the slowed backend, which was the fastest before
 * @param before traffic before the slowdown
 * @param after traffic since the slowdown
 */
record DemoSummary(List<String> backends, String slowed, TrafficStatistics before, TrafficStatistics after) {

    private static final int DIGITS = 3;
    private static final String HEAD = "%-18s %9s %13s %12s %9s %9s%n";
    private static final String ROW = "%-18s %9d %12.0f%% %11.0f%% %9s %9s%n";

    /**
     * Returns whether the slowed backend had the largest share before the slowdown, and lost at least half of that
     * share.
     */
    boolean moved() {
        double shareBefore = before.share(slowed);
        boolean led = shareBefore > 0 && backends.stream().allMatch(other -> before.share(other) <= shareBefore);
        return led && after.requests() > 0 && after.share(slowed) <= shareBefore / 2;
    }

    long failures() {
        return before.failures() + after.failures();
    }

    String table() {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT, HEAD, "backend", "requests", "share before", "share after", "p50 ms", "p99 ms"));
        Histogram all = new Histogram(DIGITS);
        for (String backend : backends) {
            Histogram own = new Histogram(DIGITS);
            before.addTo(own, backend);
            after.addTo(own, backend);
            all.add(own);
            out.append(row(backend, own, before.share(backend), after.share(backend)));
        }
        return out.append(row("all", all, before.requests() > 0 ? 1 : 0, after.requests() > 0 ? 1 : 0))
                .toString();
    }

    private static String row(String name, Histogram nanos, double shareBefore, double shareAfter) {
        return String.format(
                Locale.ROOT,
                ROW,
                name,
                nanos.getTotalCount(),
                shareBefore * 100,
                shareAfter * 100,
                millis(nanos, 50),
                millis(nanos, 99));
    }

    private static String millis(Histogram nanos, double percentile) {
        return nanos.getTotalCount() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f", nanos.getValueAtPercentile(percentile) / 1e6);
    }
}

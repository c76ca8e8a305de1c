package io.crowfly.bench.decision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Result of one JMH benchmark of {@code bench decision} with one set of parameters.
 *
 * @param name name of the benchmark's method
 * @param backends number of backends
 * @param rules number of routing rules
 * @param medianNanos time of one operation, the median of all iterations
 * @param worstNanos time of one operation in the worst iteration
 * @param bytesAllocated bytes allocated by one operation
 */
record BenchmarkResult(
        String name, int backends, int rules, double medianNanos, double worstNanos, double bytesAllocated) {

    private static final String SEPARATOR = "\t";

    /** Returns the result as a line of the file that {@link JmhMain} writes. */
    String toLine() {
        return String.join(
                SEPARATOR,
                name,
                Integer.toString(backends),
                Integer.toString(rules),
                Double.toString(medianNanos),
                Double.toString(worstNanos),
                Double.toString(bytesAllocated));
    }

    static List<BenchmarkResult> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(BenchmarkResult::parse).toList();
    }

    private static BenchmarkResult parse(String line) {
        String[] parts = line.split(SEPARATOR);
        return new BenchmarkResult(
                parts[0],
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Double.parseDouble(parts[3]),
                Double.parseDouble(parts[4]),
                Double.parseDouble(parts[5]));
    }

    String label() {
        return "%s, %d backends%s".formatted(name, backends, rules == 0 ? "" : ", " + rules + " rules");
    }

    /**
     * Returns the result as a row of a Markdown table. Bytes have no decimals, because the profiler also counts a few
     * bytes of JMH itself.
     */
    String toRow() {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %,.0f | %,.0f | %,.0f |\n",
                name,
                backends,
                rules,
                medianNanos,
                worstNanos,
                bytesAllocated);
    }
}

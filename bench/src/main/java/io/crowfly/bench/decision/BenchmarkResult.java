package io.crowfly.bench.decision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What one benchmark took under one set of parameters.
 *
 * @param name its method's
 * @param medianNanos for one operation, the median of all iterations
 * @param worstNanos the worst iteration's
 * @param bytesAllocated allocated for one operation
 */
record BenchmarkResult(
        String name, int backends, int rules, double medianNanos, double worstNanos, double bytesAllocated) {

    private static final String SEPARATOR = "\t";

    /** As a line of the file that {@link JmhMain} leaves. */
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

    /** A row of a table. The profiler sees a few bytes of JMH's own in each iteration. */
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

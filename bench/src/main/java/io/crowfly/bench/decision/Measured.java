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
 * @param nanos for one operation, the median of all iterations
 * @param most the worst iteration's
 * @param bytes allocated for one operation
 */
record Measured(String name, int backends, int rules, double nanos, double most, double bytes) {

    private static final String BETWEEN = "\t";

    /** As a line of the file that {@link JmhMain} leaves. */
    String line() {
        return String.join(
                BETWEEN,
                name,
                Integer.toString(backends),
                Integer.toString(rules),
                Double.toString(nanos),
                Double.toString(most),
                Double.toString(bytes));
    }

    static List<Measured> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(Measured::of).toList();
    }

    private static Measured of(String line) {
        String[] parts = line.split(BETWEEN);
        return new Measured(
                parts[0],
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Double.parseDouble(parts[3]),
                Double.parseDouble(parts[4]),
                Double.parseDouble(parts[5]));
    }

    String what() {
        return "%s, %d backends%s".formatted(name, backends, rules == 0 ? "" : ", " + rules + " rules");
    }

    /** A row of a table. The profiler sees a few bytes of JMH's own in each iteration. */
    String row() {
        return String.format(
                Locale.ROOT, "| %s | %d | %d | %,.0f | %,.0f | %,.0f |\n", name, backends, rules, nanos, most, bytes);
    }
}

package io.crowfly.balancer.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Comparison of what Crowfly and other parsers have read.
 *
 * @param <T> what is read
 */
final class Comparison<T> {

    /** Enough to find the cause. */
    private static final int REPORTED_DISAGREEMENTS = 5;

    private final String kind;
    private final Map<String, Tally> tallies = new TreeMap<>();
    private final List<String> disagreements = new ArrayList<>();
    private long inputs;
    private long accepted;
    private long disputed;

    private static final class Tally {
        private long readings;
        private long same;
        private long different;
    }

    Comparison(String kind) {
        this.kind = kind;
    }

    /**
     * Compares the readings of one input.
     *
     * @param crowfly what Crowfly routes by; empty if Crowfly refuses the input
     * @param others by the reader's name, what the reader has found; empty for nothing
     */
    void add(Object input, Optional<T> crowfly, Map<String, Optional<T>> others) {
        inputs++;
        accepted += crowfly.isPresent() ? 1 : 0;
        disputed +=
                others.values().stream().flatMap(Optional::stream).distinct().count() > 1 ? 1 : 0;
        others.forEach((reader, other) -> {
            Tally tally = tallies.computeIfAbsent(reader, name -> new Tally());
            tally.readings++;
            if (crowfly.isPresent() && other.isPresent() && crowfly.equals(other)) {
                tally.same++;
            } else if (crowfly.isPresent() && other.isPresent()) {
                tally.different++;
                disagreements.add(reader + " reads " + other.get() + ", Crowfly " + crowfly.get() + ":\n" + input);
            }
        });
    }

    /** Writes the numbers to a file that {@code .ci/differential} shows, and fails if there is a disagreement. */
    void report() throws IOException {
        StringBuilder report = new StringBuilder(String.format(
                "%,d %s: Crowfly accepts %,d and refuses %,d. The other parsers differ among each other on %,d.%n",
                inputs, kind, accepted, inputs - accepted, disputed));
        tallies.forEach((reader, tally) -> report.append(String.format(
                "  %-30s %,9d read, %,9d of the accepted ones as by Crowfly, %d in another way%n",
                reader, tally.readings, tally.same, tally.different)));
        Files.writeString(Path.of("target", "differential-" + kind + ".txt"), report);
        assertThat(disagreements.stream().limit(REPORTED_DISAGREEMENTS))
                .as("%s", report)
                .isEmpty();
    }
}

package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.Sample;
import io.crowfly.bench.peers.Scenario;
import io.crowfly.bench.peers.Spread;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The measurement of one kind of request.
 *
 * @param plainModel the model that a backend receives without renaming
 * @param renamedModel the model that a backend receives with renaming
 * @param plain rounds without renaming
 * @param renamed the same number of rounds with renaming; each followed the round of the same index in
 *     {@code plain}
 */
record Comparison(Scenario scenario, String plainModel, String renamedModel, List<Sample> plain, List<Sample> renamed) {

    Comparison {
        plain = List.copyOf(plain);
        renamed = List.copyOf(renamed);
    }

    /** Returns the CPU per request with renaming divided by that without, using medians. */
    double ratio() {
        return Spread.of(renamed, Sample::cost).median()
                / Spread.of(plain, Sample::cost).median();
    }

    /** Returns the same ratio for each pair of successive rounds. */
    List<Double> ratios() {
        return IntStream.range(0, plain.size())
                .mapToObj(round -> renamed.get(round).cost() / plain.get(round).cost())
                .toList();
    }

    long requests() {
        return samples().mapToLong(Sample::done).sum();
    }

    long errors() {
        return samples().mapToLong(Sample::errors).sum();
    }

    private Stream<Sample> samples() {
        return Stream.concat(plain.stream(), renamed.stream());
    }
}

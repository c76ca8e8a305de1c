package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.Sample;
import io.crowfly.bench.peers.Scenario;
import io.crowfly.bench.peers.Spread;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What was measured at one kind of request.
 *
 * @param plainModel what a backend is asked for without renaming
 * @param renamedModel and with it
 * @param plain rounds without renaming
 * @param renamed as many with it: each was the next one after its like in {@code plain}
 */
record Comparison(Scenario scenario, String plainModel, String renamedModel, List<Sample> plain, List<Sample> renamed) {

    Comparison {
        plain = List.copyOf(plain);
        renamed = List.copyOf(renamed);
    }

    /** CPU per request with renaming, as a multiple of that without: of the medians. */
    double ratio() {
        return Spread.of(renamed, Sample::cost).median()
                / Spread.of(plain, Sample::cost).median();
    }

    /** The same of each two rounds that followed each other. */
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

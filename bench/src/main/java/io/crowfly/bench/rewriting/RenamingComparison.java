package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.ProxySample;
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
record RenamingComparison(PeerScenario scenario, String plainModel, String renamedModel, List<ProxySample> plain, List<ProxySample> renamed) {

    RenamingComparison {
        plain = List.copyOf(plain);
        renamed = List.copyOf(renamed);
    }

    /** Returns the CPU per request with renaming divided by that without, using medians. */
    double ratio() {
        return Spread.of(renamed, ProxySample::cost).median()
                / Spread.of(plain, ProxySample::cost).median();
    }

    /** Returns the same ratio for each pair of successive rounds. */
    List<Double> ratios() {
        return IntStream.range(0, plain.size())
                .mapToObj(round -> renamed.get(round).cost() / plain.get(round).cost())
                .toList();
    }

    long requests() {
        return samples().mapToLong(ProxySample::done).sum();
    }

    long errors() {
        return samples().mapToLong(ProxySample::errors).sum();
    }

    private Stream<ProxySample> samples() {
        return Stream.concat(plain.stream(), renamed.stream());
    }
}

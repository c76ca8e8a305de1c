package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.ProxySample;
import io.crowfly.bench.peers.Spread;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measurement of {@code bench rewriting} for one kind of request: CPU cost without and with replacing the model's name.
 *
 * @param scenario the kind of request
 * @param plainModel the model name that a backend receives without renaming
 * @param renamedModel the model name that a backend receives with renaming
 * @param plain rounds without renaming
 * @param renamed rounds with renaming, as many as in {@code plain}; round i ran directly after round i of {@code plain}
 */
record RenamingComparison(
        PeerScenario scenario,
        String plainModel,
        String renamedModel,
        List<ProxySample> plain,
        List<ProxySample> renamed) {

    RenamingComparison {
        plain = List.copyOf(plain);
        renamed = List.copyOf(renamed);
    }

    /** Returns the median CPU time per request with renaming, divided by the median without renaming. */
    double ratio() {
        return Spread.of(renamed, ProxySample::cost).median()
                / Spread.of(plain, ProxySample::cost).median();
    }

    /**
     * Returns the CPU time per request with renaming, divided by that without renaming, for each pair of successive
     * rounds.
     */
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

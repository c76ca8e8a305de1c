package io.crowfly.bench.peers;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Median, minimum and maximum of a figure over the rounds of a proxy in {@code bench peers}. */
public record Spread(double median, double min, double max) {

    /** @throws IllegalArgumentException if there are no samples */
    public static Spread of(List<ProxySample> samples, ToDoubleFunction<ProxySample> figure) {
        double[] sorted = samples.stream().mapToDouble(figure).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no samples for a median");
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}

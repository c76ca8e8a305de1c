package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharesOfManyTest {

    /** Of so many as good as each other, none gets what of few is the least worth sending. */
    @Test
    void hundredsOfEqualBackendsShareEqually() {
        List<Entry> entries = entries(IntStream.range(0, 300).mapToDouble(i -> 1e6));

        assertThat(entries).allSatisfy(entry -> assertThat(entry.share).isCloseTo(1.0 / 300, within(1e-9)));
    }

    @Test
    void amongHundredsTheSlowOnesGetNothing() {
        List<Entry> entries = entries(IntStream.range(0, 300).mapToDouble(i -> i < 100 ? 1e6 : 1.5e6));

        assertThat(entries.subList(0, 100))
                .allSatisfy(entry -> assertThat(entry.share).isCloseTo(0.01, within(1e-9)));
        assertThat(entries.subList(100, 300))
                .allSatisfy(entry -> assertThat(entry.share).isZero());
    }

    private static List<Entry> entries(DoubleStream nanos) {
        double[] costs = nanos.toArray();
        List<Entry> entries = IntStream.range(0, costs.length)
                .mapToObj(i -> KnownBackends.entry(i, costs[i]))
                .toList();
        entries.forEach(entry -> entry.preferred = true);
        new Shares(costs.length).plan(entries, 0.05, Long.MIN_VALUE, 0);
        return entries;
    }
}

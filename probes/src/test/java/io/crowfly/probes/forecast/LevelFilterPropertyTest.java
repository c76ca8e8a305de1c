package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

/** Properties for any samples: the level is finite, and a larger sample never lowers the level. */
class LevelFilterPropertyTest {

    /** From a nanosecond to half an hour, as logarithms. */
    private static final double LEAST = 0;

    private static final double MOST = 28;

    private static final double ROUNDING = 1e-9;

    private static final long HOUR = 3_600_000_000_000L;

    /** @param censored whether the sample is known only to be more than the value */
    record Sample(double value, boolean censored, double otherVariance, long afterNanos) {

        boolean feed(LevelFilter filter, long nowNanos) {
            return censored
                    ? filter.observeCensored(value, otherVariance, nowNanos)
                    : filter.observe(value, otherVariance, nowNanos);
        }
    }

    @Property(seed = "1", tries = 2_000)
    void isAlwaysFinite(@ForAll("samples") List<Sample> samples, @ForAll boolean ofRequests) {
        LevelFilter filter = filter(ofRequests);
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            sample.feed(filter, now);
            assertThat(filter.level()).isFinite();
            assertThat(filter.spread()).isFinite().isPositive();
            assertThat(filter.uncertainty(now)).isFinite().isPositive();
            assertThat(filter.uncertainty(now + HOUR)).isFinite().isGreaterThanOrEqualTo(filter.uncertainty(now));
            assertThat(filter.ordinaryLevel()).isFinite();
        }
    }

    /** Many tries, because cases with a jump are rare. */
    @Property(seed = "1", tries = 50_000, edgeCases = EdgeCasesMode.NONE)
    void aLargerSampleNeverGivesALowerLevel(
            @ForAll("histories") List<Sample> samples,
            @ForAll @DoubleRange(min = 0, max = 3) double larger,
            @ForAll boolean ofRequests) {
        Sample last = samples.get(samples.size() - 1);
        LevelFilter one = filter(ofRequests);
        LevelFilter other = filter(ofRequests);
        long now = feedAllButTheLast(samples, one);
        feedAllButTheLast(samples, other);
        last.feed(one, now);
        new Sample(last.value() + larger, last.censored(), last.otherVariance(), 0).feed(other, now);
        assertThat(other.level()).isGreaterThanOrEqualTo(one.level() - ROUNDING);
    }

    @Property(seed = "1", tries = 50_000, edgeCases = EdgeCasesMode.NONE)
    void aCensoredSampleNeverLowersTheLevel(
            @ForAll("histories") List<Sample> samples, @ForAll @DoubleRange(min = LEAST, max = MOST) double waited) {
        LevelFilter filter = filter(true);
        long now = feedAllButTheLast(samples, filter);
        double before = filter.level();
        filter.observeCensored(waited, 0, now);
        assertThat(filter.level()).isGreaterThanOrEqualTo(before - ROUNDING);
    }

    private static LevelFilter filter(boolean ofRequests) {
        return ofRequests ? new LevelFilter(0.4, 10, 1) : new LevelFilter(0.1, 4.5, Double.POSITIVE_INFINITY);
    }

    /** @return the time of the last sample */
    private static long feedAllButTheLast(List<Sample> samples, LevelFilter filter) {
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            if (sample != samples.get(samples.size() - 1)) {
                sample.feed(filter, now);
            }
        }
        return now;
    }

    @Provide
    Arbitrary<List<Sample>> samples() {
        Arbitrary<Sample> sample = Combinators.combine(
                        Arbitraries.doubles().between(LEAST, MOST),
                        Arbitraries.of(true, false),
                        Arbitraries.doubles().between(0, 4),
                        Arbitraries.longs().between(0, 20_000_000_000L))
                .as(Sample::new);
        return sample.list().ofMaxSize(60);
    }

    /** Samples of a level that is constant for some time and then changes. */
    @Provide
    Arbitrary<List<Sample>> histories() {
        return Arbitraries.randomValue(random -> {
            List<Sample> samples = new ArrayList<>();
            double spread = 0.8 * random.nextDouble();
            double level = 18;
            int count = 2 + random.nextInt(60);
            for (int i = 0; i < count; i++) {
                if (random.nextInt(10) == 0) {
                    level = 18 + 2 * random.nextGaussian();
                }
                samples.add(new Sample(
                        level + spread * random.nextGaussian(),
                        random.nextInt(6) == 0,
                        random.nextInt(3) == 0 ? random.nextDouble() : 0,
                        (long) (1e8 * Math.exp(2 * random.nextGaussian()))));
            }
            return samples;
        });
    }
}

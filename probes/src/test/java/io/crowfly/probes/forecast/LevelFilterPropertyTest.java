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

/** Properties for any samples: the level is finite, and a larger sample never lowers the level at its load. */
class LevelFilterPropertyTest {

    /** From a nanosecond to half an hour, as logarithms. */
    private static final double LEAST = 0;

    private static final double MOST = 28;

    private static final double ROUNDING = 1e-9;

    /** What one sample changes at most by way of the curve, if the level is limited. */
    private static final double EFFECT_OF_CURVE = 0.1;

    private static final long HOUR = 3_600_000_000_000L;

    /** @param censored whether the sample is known only to be more than the value */
    record Sample(double value, boolean censored, double inFlight, long afterNanos) {

        boolean feed(LevelFilter filter, long nowNanos) {
            return censored
                    ? filter.observeCensored(value, inFlight, nowNanos)
                    : filter.observe(value, inFlight, nowNanos);
        }
    }

    @Property(seed = "1", tries = 2_000)
    void isAlwaysFinite(@ForAll("samples") List<Sample> samples, @ForAll boolean ofRequests) {
        LevelFilter filter = filter(ofRequests, new LoadCurveFilter());
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            sample.feed(filter, now);
            assertThat(filter.level()).isFinite();
            assertThat(filter.spread()).isFinite().isPositive();
            assertThat(filter.uncertainty(10, now)).isFinite().isPositive();
            assertThat(filter.uncertainty(10, now + HOUR))
                    .isFinite()
                    .isGreaterThanOrEqualTo(filter.uncertainty(10, now));
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
        LoadCurveFilter curve = new LoadCurveFilter();
        LoadCurveFilter otherCurve = new LoadCurveFilter();
        LevelFilter one = filter(ofRequests, curve);
        LevelFilter other = filter(ofRequests, otherCurve);
        long now = feedAllButTheLast(samples, one);
        feedAllButTheLast(samples, other);
        last.feed(one, now);
        new Sample(last.value() + larger, last.censored(), last.inFlight(), 0).feed(other, now);
        assertThat(other.level() + otherCurve.logFactor(last.inFlight()))
                .isGreaterThanOrEqualTo(one.level() + curve.logFactor(last.inFlight()) - EFFECT_OF_CURVE);
    }

    @Property(seed = "1", tries = 50_000, edgeCases = EdgeCasesMode.NONE)
    void aCensoredSampleNeverLowersTheLevel(
            @ForAll("histories") List<Sample> samples, @ForAll @DoubleRange(min = LEAST, max = MOST) double waited) {
        LoadCurveFilter curve = new LoadCurveFilter();
        LevelFilter filter = filter(true, curve);
        long now = feedAllButTheLast(samples, filter);
        double inFlight = samples.get(samples.size() - 1).inFlight();
        double before = filter.level() + curve.logFactor(inFlight);
        filter.observeCensored(waited, inFlight, now);
        assertThat(filter.level() + curve.logFactor(inFlight)).isGreaterThanOrEqualTo(before - ROUNDING);
    }

    private static LevelFilter filter(boolean ofRequests, LoadCurveFilter curve) {
        return ofRequests
                ? new LevelFilter(0.4, 10, 1, curve, () -> Double.POSITIVE_INFINITY)
                : new LevelFilter(0.1, 4.5, Double.POSITIVE_INFINITY, curve, () -> Double.POSITIVE_INFINITY);
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
                        Arbitraries.doubles().between(1, 2_000),
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
                        random.nextInt(3) == 0 ? 1 + random.nextInt(200) : 10,
                        (long) (1e8 * Math.exp(2 * random.nextGaussian()))));
            }
            return samples;
        });
    }
}

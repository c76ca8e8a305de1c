package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

/** Whatever comes, the level is a number, and worse news never make it better. */
class LevelFilterPropertyTest {

    /** A nanosecond and half an hour, as logarithms. */
    private static final double LEAST = 0;

    private static final double MOST = 28;

    /** @param isOut whether it is more than the value */
    record Sample(double value, boolean isOut, double elseVariance, long afterNanos) {

        boolean feed(LevelFilter filter, long nowNanos) {
            return isOut
                    ? filter.observeMoreThan(value, elseVariance, nowNanos)
                    : filter.observe(value, elseVariance, nowNanos);
        }
    }

    @Property(tries = 2_000)
    void isAlwaysANumberWithinWhatWasSeen(@ForAll("samples") List<Sample> samples, @ForAll boolean ofRequests) {
        LevelFilter filter = ofRequests ? new LevelFilter(0.4, 10) : new LevelFilter(0.1, 4.5);
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            sample.feed(filter, now);
            assertThat(filter.level()).isFinite();
            assertThat(filter.spread()).isFinite().isPositive();
            assertThat(filter.uncertainty(now)).isFinite().isPositive();
            assertThat(filter.uncertainty(now + 3_600_000_000_000L))
                    .isFinite()
                    .isGreaterThanOrEqualTo(filter.uncertainty(now));
            assertThat(filter.ordinary()).isFinite();
        }
    }

    @Property(tries = 5_000)
    void aLargerSampleNeverGivesALowerLevel(
            @ForAll("samples") List<Sample> samples,
            @ForAll("sample") Sample last,
            @ForAll @DoubleRange(min = 0, max = 10) double larger,
            @ForAll boolean ofRequests) {
        double alarm = ofRequests ? 10 : 4.5;
        LevelFilter one = new LevelFilter(0.4, alarm);
        LevelFilter other = new LevelFilter(0.4, alarm);
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            sample.feed(one, now);
            sample.feed(other, now);
        }
        now += last.afterNanos();
        last.feed(one, now);
        new Sample(last.value() + larger, last.isOut(), last.elseVariance(), 0).feed(other, now);
        assertThat(other.level()).isGreaterThanOrEqualTo(one.level() - 1e-9);
    }

    @Property(tries = 2_000)
    void aSampleThatIsStillOutNeverLowersTheLevel(
            @ForAll("samples") @Size(min = 1) List<Sample> samples,
            @ForAll @DoubleRange(min = LEAST, max = MOST) double waited) {
        LevelFilter filter = new LevelFilter(0.4, 10);
        long now = 0;
        for (Sample sample : samples) {
            now += sample.afterNanos();
            sample.feed(filter, now);
        }
        double before = filter.level();
        filter.observeMoreThan(waited, 0, now);
        assertThat(filter.level()).isGreaterThanOrEqualTo(before - 1e-9);
    }

    @Provide
    Arbitrary<List<Sample>> samples() {
        return Arbitraries.oneOf(sample(), around()).list().ofMaxSize(60);
    }

    @Provide
    Arbitrary<Sample> sample() {
        return samples(Arbitraries.doubles().between(LEAST, MOST));
    }

    /** A good many of one level, so that jumps away from it are told. */
    private static Arbitrary<Sample> around() {
        return samples(Arbitraries.doubles().between(17.8, 18.6));
    }

    private static Arbitrary<Sample> samples(Arbitrary<Double> values) {
        return Combinators.combine(
                        values,
                        Arbitraries.frequencyOf(
                                Tuple.of(4, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true))),
                        Arbitraries.doubles().between(0, 4),
                        Arbitraries.longs().between(0, 20_000_000_000L))
                .as(Sample::new);
    }
}

package io.crowfly.bench.endpoint.behaviour;

import java.time.Duration;
import java.util.Random;
import java.util.function.LongSupplier;

/** Distribution of a duration in a simulated endpoint's behaviour. Each request gets one sample. */
public sealed interface Delay {

    /** Delay that is always the same. */
    record Fixed(Duration time) implements Delay {}

    /**
     * Delay with a log-normal distribution, like measured times to first token. The same seed gives the same samples in
     * the same order.
     *
     * @param median median of the samples
     * @param sigma standard deviation of the samples' logarithm: about 0.35 for small models, 0.7 for reasoning models
     * @param seed start of the random sequence
     */
    record LogNormal(Duration median, double sigma, long seed) implements Delay {}

    /**
     * Delay of which a random share of the samples is much longer, like the responses of a server whose queue is
     * full for a moment.
     *
     * @param usual the other samples
     * @param share share of the long samples, from 0 to 1
     * @param factor how much longer these samples are
     */
    record WithTail(Delay usual, double share, double factor, long seed) implements Delay {}

    static Delay ofMillis(long millis) {
        return new Fixed(Duration.ofMillis(millis));
    }

    /** Returns this delay with all samples multiplied by {@code factor}. */
    default Delay times(double factor) {
        if (this instanceof LogNormal spread) {
            return new LogNormal(scaled(spread.median, factor), spread.sigma, spread.seed);
        } else if (this instanceof WithTail tail) {
            return new WithTail(tail.usual.times(factor), tail.share, tail.factor, tail.seed);
        }
        return new Fixed(scaled(((Fixed) this).time, factor));
    }

    /** Returns the median, without the long samples of a {@link WithTail}. */
    default Duration median() {
        if (this instanceof LogNormal spread) {
            return spread.median;
        }
        return this instanceof WithTail tail ? tail.usual.median() : ((Fixed) this).time;
    }

    /**
     * Returns a new source of samples in nanoseconds, which begins at the start of the random sequence. Safe for use by
     * several threads.
     */
    default LongSupplier samples() {
        if (this instanceof LogNormal spread) {
            Random random = new Random(spread.seed);
            long median = spread.median.toNanos();
            return () -> (long) (median * Math.exp(spread.sigma * random.nextGaussian()));
        } else if (this instanceof WithTail tail) {
            Random random = new Random(tail.seed);
            LongSupplier usual = tail.usual.samples();
            return () -> (long) (usual.getAsLong() * (random.nextDouble() < tail.share ? tail.factor : 1));
        }
        long nanos = ((Fixed) this).time.toNanos();
        return () -> nanos;
    }

    static Duration scaled(Duration time, double factor) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}

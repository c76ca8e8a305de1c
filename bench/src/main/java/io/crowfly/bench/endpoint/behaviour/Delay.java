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

    static Delay ofMillis(long millis) {
        return new Fixed(Duration.ofMillis(millis));
    }

    /** Returns this delay with all samples multiplied by {@code factor}. */
    default Delay times(double factor) {
        if (this instanceof LogNormal spread) {
            return new LogNormal(scaled(spread.median, factor), spread.sigma, spread.seed);
        }
        return new Fixed(scaled(((Fixed) this).time, factor));
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
        }
        long nanos = ((Fixed) this).time.toNanos();
        return () -> nanos;
    }

    static Duration scaled(Duration time, double factor) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}

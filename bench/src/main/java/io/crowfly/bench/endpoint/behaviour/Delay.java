package io.crowfly.bench.endpoint.behaviour;

import java.time.Duration;
import java.util.Random;
import java.util.function.LongSupplier;

/** How long something takes, each time it happens. */
public sealed interface Delay {

    /** The same every time. */
    record Fixed(Duration time) implements Delay {}

    /**
     * Log-normal around its median, as times to first token are seen to be. The same seed gives the same times in the
     * same order.
     *
     * @param sigma of the underlying normal distribution; about 0.35 for small models, 0.7 for reasoning ones
     */
    record LogNormal(Duration median, double sigma, long seed) implements Delay {}

    static Delay ofMillis(long millis) {
        return new Fixed(Duration.ofMillis(millis));
    }

    /** The same delay {@code factor} times over. */
    default Delay times(double factor) {
        if (this instanceof LogNormal spread) {
            return new LogNormal(scaled(spread.median, factor), spread.sigma, spread.seed);
        }
        return new Fixed(scaled(((Fixed) this).time, factor));
    }

    /** Nanoseconds for one occurrence after another, from the seed on. Safe for use by several threads. */
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

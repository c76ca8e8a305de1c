package io.crowfly.conf;

import java.time.Duration;

/**
 * Limit up to which a prediction counts as equal to the best one, so that load decides, {@code
 * routing.tolerance}.
 */
public sealed interface Tolerance {

    /**
     * Returns the width of the band above the best prediction, in nanoseconds.
     *
     * @param bestNanos the best prediction, in nanoseconds
     */
    long nanos(long bestNanos);

    /** @param share of the best prediction, from 0 to 1 */
    record Share(double share) implements Tolerance {
        @Override
        public long nanos(long bestNanos) {
            return (long) (bestNanos * share);
        }
    }

    record Fixed(Duration duration) implements Tolerance {
        @Override
        public long nanos(long bestNanos) {
            return duration.toNanos();
        }
    }
}

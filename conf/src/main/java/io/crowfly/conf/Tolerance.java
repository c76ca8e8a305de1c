package io.crowfly.conf;

import java.time.Duration;

/**
 * Difference up to which a prediction counts as equal to the best one, so that load decides between the backends
 * ({@code routing.tolerance}).
 */
public sealed interface Tolerance {

    /**
     * Returns the difference in nanoseconds up to which a prediction counts as equal to the best one.
     *
     * @param bestNanos the best prediction, in nanoseconds
     */
    long nanos(long bestNanos);

    /**
     * Tolerance as a share of the best prediction.
     *
     * @param share from 0 to 1
     */
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

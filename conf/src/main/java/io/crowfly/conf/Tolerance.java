package io.crowfly.conf;

import java.time.Duration;

/** {@code routing.tolerance}: how far behind the best prediction another still counts as its equal, so that load decides. */
public sealed interface Tolerance {

    /**
     * How wide the band above the best prediction is, in nanoseconds.
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

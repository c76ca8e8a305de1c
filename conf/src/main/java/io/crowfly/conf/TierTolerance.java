package io.crowfly.conf;

import java.time.Duration;

/**
 * Maximum extra latency at which a tier with a lower number keeps the requests although another tier is faster, {@code
 * routing.tier-tolerance}.
 */
public sealed interface TierTolerance {

    /**
     * Returns the tolerance in nanoseconds. {@link Unlimited} returns {@code Long.MAX_VALUE}, which exceeds every
     * prediction.
     */
    long nanos();

    record Within(Duration duration) implements TierTolerance {
        @Override
        public long nanos() {
            return duration.toNanos();
        }
    }

    /**
     * No limit: a tier with a higher number gets requests only while all backends of the lower numbers are unhealthy or
     * parked.
     */
    record Unlimited() implements TierTolerance {
        @Override
        public long nanos() {
            return Long.MAX_VALUE;
        }
    }
}
